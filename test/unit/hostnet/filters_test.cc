#include "hostnet/filters.h"

#include <catch2/catch.hpp>

using netlink::FilterBackend;
using netlink::FilterChain;
using netlink::FilterCut;
using netlink::FilterTable;

namespace {

FilterTable table(const std::string& name, std::vector<FilterChain> chains) {
  return {FilterBackend::Nft, net::Family::V4, name, std::move(chains)};
}

}  // namespace

TEST_CASE("flannel's chains and its old rules without a chain are found") {
  const auto cuts = hostnet::flannel_cuts(
      {table("nat", {{"POSTROUTING", true, {{"", {"flanneld masq"}, 1}, {"", {"other"}, 2}}},
                     {"FLANNEL-POSTRTG", false, {{"", {"flanneld masq"}, 3}}},
                     {"FLANNEL-FWD-mine", false, {}}}),
       table("mangle", {{"PREROUTING", true, {}}})});
  CHECK(cuts == std::vector<FilterCut>{{FilterBackend::Nft,
                                        net::Family::V4,
                                        "nat",
                                        false,
                                        {"FLANNEL-POSTRTG"},
                                        {"flanneld masq"}}});
}

TEST_CASE("Calico's chains and the rules with Felix's hash are found") {
  const auto cuts = hostnet::calico_cuts(
      {table("filter", {{"INPUT", true, {{"cali-INPUT", {"cali:abc"}, 1}, {"", {"not cali:x"}, 2}}},
                        {"cali-INPUT", false, {}},
                        {"calico-like", false, {}}})});
  CHECK(cuts ==
        std::vector<FilterCut>{
            {FilterBackend::Nft, net::Family::V4, "filter", false, {"cali-INPUT"}, {"cali:abc"}}});
}

TEST_CASE("the rule that drops unknown hosts' VXLAN packets is found, whatever its words") {
  const std::string comment = GENERATE("Drop IPv4 VXLAN packets from non-allowed hosts",
                                       "Drop VXLAN packets from non-whitelisted hosts",
                                       "Reject IPv6 VXLAN packets from non-allowed hosts",
                                       "cali:abc; Drop IPv6 VXLAN packets from non-allowed hosts");
  const auto cuts = hostnet::vxlan_drop_cuts(
      {table("filter", {{"cali-INPUT",
                         false,
                         {{"", {"cali:abc", comment}, 1},
                          {"", {"Allow IPv4 VXLAN packets from allowed hosts"}, 2}}}}),
       table("calico", {})});
  REQUIRE(cuts.size() == 1);
  CHECK(cuts.front().comments == std::set<std::string>{comment});
  CHECK(cuts.front().chains.empty());
}

TEST_CASE("a table of their own goes as a whole, where the back end has such") {
  CHECK(hostnet::flannel_cuts({table("flannel-ipv4", {})}).front().whole_table);
  CHECK(hostnet::calico_cuts({table("calico", {})}).front().whole_table);
  auto legacy = table("calico", {});
  legacy.backend = FilterBackend::Legacy;
  CHECK(hostnet::calico_cuts({legacy}).empty());
}
