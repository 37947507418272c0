#include "hostnet/port_maps.h"

#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

using netlink::FilterBackend;
using netlink::FilterChain;
using netlink::FilterCut;
using netlink::FilterRename;
using netlink::FilterRule;
using netlink::FilterTable;

namespace {

const std::string kOld = hostnet::port_map_chain("cbr0", "c0ffee");
const std::string kNew = hostnet::port_map_chain("k8s-pod-network", "c0ffee");

FilterRule entry(const std::string& target, const std::string& network = "cbr0") {
  return {target, {"dnat name: \"" + network + "\" id: \"c0ffee\""}, 1};
}

FilterTable nat(std::vector<FilterRule> entries, std::vector<std::string> chains) {
  FilterTable table{FilterBackend::Legacy, net::Family::V4, "nat", {}};
  table.chains.push_back({"CNI-HOSTPORT-DNAT", false, std::move(entries), 0});
  for (auto& name : chains)
    table.chains.push_back({std::move(name), false, {{"CNI-HOSTPORT-SETMARK", {}, 2}}, 0});
  return table;
}

}  // namespace

TEST_CASE("portmap's chain of a container has the name that the plugin gives it") {
  CHECK(hostnet::port_map_chain("cbr0", "c0ffee") == "CNI-DN-bf3a68af647c37c99566a");
}

TEST_CASE("the chains of live pods get their names in the other network") {
  const auto renames = hostnet::port_map_renames({nat({entry(kOld)}, {kOld})}, "k8s-pod-network");
  CHECK(renames ==
        std::vector<FilterRename>{{FilterBackend::Legacy, net::Family::V4, "nat", {{kOld, kNew}}}});
}

TEST_CASE("what has its name already, or whose name is taken, or is not portmap's, keeps it") {
  const auto table = GENERATE(nat({entry(kNew)}, {kNew}), nat({entry(kOld)}, {kOld, kNew}),
                              nat({entry(kOld)}, {}), nat({{kOld, {"somebody else's"}, 1}}, {kOld}),
                              nat({entry("KUBE-SVC")}, {"KUBE-SVC"}));
  CHECK(hostnet::port_map_renames({table}, "k8s-pod-network").empty());
  auto other = nat({entry(kOld)}, {kOld});
  other.name = "filter";
  CHECK(hostnet::port_map_renames({other}, "k8s-pod-network").empty());
}

TEST_CASE("all that was made for pods of a network is cut, whatever its chains are called") {
  const auto table = nat({entry(kNew),
                          entry(kOld, "k8s-pod-network"),
                          {"CNI-abc", {"name: \"cbr0\" id: \"c0ffee\""}, 3},
                          {"CNI-HOSTPORT-SETMARK", {"dnat name: \"cbr0\" id: \"c0ffee\""}, 4}},
                         {kNew, kOld, "CNI-abc"});
  const auto cuts = hostnet::port_map_cuts({table}, "cbr0");
  CHECK(cuts == std::vector<FilterCut>{
                    {FilterBackend::Legacy,
                     net::Family::V4,
                     "nat",
                     false,
                     {kNew, "CNI-abc"},
                     {"dnat name: \"cbr0\" id: \"c0ffee\"", "name: \"cbr0\" id: \"c0ffee\""}}});
}

TEST_CASE("with CRI-O, which asks with the old name, chains keep theirs, as the Node says") {
  const auto [runtime, socket, renamed] = GENERATE(table<std::string, std::string, bool>({
      {"cri-o://1.28.1", "", false},
      {"cri-o://1.28.1", "/run/containerd/containerd.sock", false},
      {"containerd://1.7.13", "/run/crio/crio.sock", true},  // of any pod
      {"", "/run/crio/crio.sock", false},
      {"", "", true},
  }));
  auto host = a_host::on_flannel();
  host.filters = {nat({entry(kOld)}, {kOld})};
  if (!socket.empty()) host.runtime_sockets = {socket};
  auto ask = a_host::task(api::AgentOperation::HandOver);
  ask.container_runtime = runtime;
  const auto end = a_host::run(host, ask).host;
  CHECK((end.filters.front().chains.front().rules.front().target == kNew) == renamed);
}
