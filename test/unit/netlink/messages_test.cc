#include "netlink/link_messages.h"
#include "netlink/neighbour_messages.h"
#include "netlink/nft_messages.h"
#include "netlink/route_messages.h"
#include "unit/api/parsed.h"

#include <catch2/catch.hpp>
#include <linux/netlink.h>

using namespace netlink;
using parsed::cidr;
using parsed::ip;
using parsed::mac;

TEST_CASE("a VXLAN device is read from the message that makes it") {
  Link link;
  link.name = "vxlan.calico";
  link.kind = "vxlan";
  link.up = true;
  link.mtu = 1450;
  link.mac = mac("56:1d:8d:30:79:01");
  link.vxlan = Vxlan{77,
                     4789,
                     2,
                     ip(GENERATE("172.30.0.1", "fc00::1")),
                     {},
                     GENERATE(true, false),
                     GENERATE(true, false),
                     false};
  CHECK(parse_link(new_vxlan(link).raw()) == link);
}

TEST_CASE("a route is read from the message that sets it") {
  Route route;
  route.destination = cidr(GENERATE("10.244.2.0/24", "0.0.0.0/0"));
  route.link = 5;
  route.gateway = ip("10.244.2.0");
  route.source = ip("10.244.1.0");
  route.protocol = kProtocolFelix;
  route.scope = GENERATE(kScopeUniverse, kScopeLink);
  route.onlink = GENERATE(true, false);
  route.metric = 9;
  route.table = GENERATE(254u, 1000u);
  CHECK(parse_route(replace_route(route).raw()) == route);
}

TEST_CASE("a blackhole and its like have no device") {
  Route route;
  route.destination = cidr(GENERATE("10.244.1.0/26", "fd00::/122"));
  route.type =
      GENERATE(RouteType::Blackhole, RouteType::Unreachable, RouteType::Prohibit, RouteType::Throw);
  CHECK(parse_route(replace_route(route).raw()) == route);
}

TEST_CASE("addresses and neighbours are read from the messages that set them") {
  const Address address{5, ip(GENERATE("10.244.1.0", "fd00::")), 32, 0};
  CHECK(parse_address(replace_address(address).raw()) == address);
  const Neighbour neighbour{5, ip(GENERATE("10.244.2.0", "fd00::2")), mac("56:1d:8d:30:79:02")};
  CHECK(parse_neighbour(replace_neighbour(neighbour).raw()) == neighbour);
  const FdbEntry entry{5, mac("56:1d:8d:30:79:02"), ip(GENERATE("172.30.0.2", "fc00::2"))};
  CHECK(parse_fdb(replace_fdb(entry).raw()) == entry);
  CHECK_FALSE(parse_neighbour(replace_fdb(entry).raw()));
  CHECK_FALSE(parse_fdb(replace_neighbour(neighbour).raw()));
}

TEST_CASE("a message of another kind is no device, route or address") {
  const auto other = set_link_up(5, true);
  CHECK_FALSE(parse_route(other.raw()));
  CHECK_FALSE(parse_address(other.raw()));
  CHECK_FALSE(parse_link(replace_neighbour({}).raw()));
}

TEST_CASE("a cut is one transaction: rules, then chains") {
  const FilterTable table{FilterBackend::Nft,
                          net::Family::V4,
                          "nat",
                          {{"POSTROUTING", true, {{"A", {}, 1}, {"B", {}, 2}, {"", {"c"}, 3}}},
                           {"A", false, {{"B", {}, 4}}},
                           {"B", false, {}}}};
  FilterCut cut{FilterBackend::Nft, net::Family::V4, "nat", false, {"A"}, {"c"}};
  // begin, rule 1, rule 3, the rules of A, A, end
  CHECK(nft_transaction(table, cut).size() == 6);
  cut.chains.clear();
  cut.comments.clear();
  CHECK(nft_transaction(table, cut).empty());
  cut.whole_table = true;
  CHECK(nft_transaction(table, cut).size() == 3);
}
