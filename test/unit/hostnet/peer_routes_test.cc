#include "hostnet/peer_routes.h"

#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

#include <algorithm>

using a_host::on_flannel;
using a_host::run;
using a_host::task;
using api::AgentOperation;
using hostnet::HostState;
using parsed::cidr;
using parsed::ip;

namespace {

using Texts = std::vector<std::string>;

netlink::Route through(const std::string& to, const std::string& vtep) {
  netlink::Route route;
  route.destination = cidr(to);
  route.link = route.destination.family() == net::Family::V4 ? a_host::kTunnel : a_host::kTunnelV6;
  route.gateway = ip(vtep);
  route.onlink = true;
  return route;
}

// "10.244.2.64/26 via 10.244.2.0", sorted; with flannel's own.
Texts on_tunnels(const HostState& host) {
  Texts all;
  for (const auto& route : host.routes) {
    if (route.gateway && (route.link == a_host::kTunnel || route.link == a_host::kTunnelV6))
      all.push_back(route.destination.to_string() + " via " + route.gateway->to_string());
  }
  std::sort(all.begin(), all.end());
  return all;
}

HostState of_two_families() {
  auto host = a_host::dual_stack(on_flannel());
  host.routes.push_back(through("fd00:10:244:2::/64", "fd00:10:244:2::"));
  return host;
}

HostState handed_over(HostState host, const api::AgentTask& ask) {
  const auto end = run(std::move(host), ask);
  REQUIRE(end.plan.done());
  return end.host;
}

const netlink::Route& route_to(const HostState& host, const std::string& to) {
  const auto found = std::find_if(host.routes.begin(), host.routes.end(), [&to](const auto& route) {
    return route.destination == cidr(to);
  });
  REQUIRE(found != host.routes.end());
  return *found;
}

}  // namespace

TEST_CASE("a hand-over ends with a route to each block of each peer, as Felix lays it") {
  auto ask = task(AgentOperation::HandOver);
  ask.route_protocol = GENERATE(3, 80, 99);
  const auto host = handed_over(on_flannel(), ask);
  CHECK(on_tunnels(host) == Texts{"10.244.2.0/24 via 10.244.2.0", "10.244.2.0/26 via 10.244.2.0",
                                  "10.244.2.128/26 via 10.244.2.0",
                                  "10.244.2.192/26 via 10.244.2.0",
                                  "10.244.2.64/26 via 10.244.2.0"});
  auto felixs = through("10.244.2.64/26", "10.244.2.0");
  felixs.protocol = static_cast<std::uint8_t>(ask.route_protocol);
  CHECK(route_to(host, "10.244.2.64/26") == felixs);
  CHECK(route_to(host, "10.244.2.0/24").protocol == netlink::kProtocolBoot);
}

TEST_CASE("blocks have the size that the operator tells") {
  auto ask = task(AgentOperation::HandOver);
  ask.block_size = 25;
  CHECK(on_tunnels(handed_over(on_flannel(), ask)) == Texts{"10.244.2.0/24 via 10.244.2.0",
                                                            "10.244.2.0/25 via 10.244.2.0",
                                                            "10.244.2.128/25 via 10.244.2.0"});
}

TEST_CASE("where a pod CIDR is one block, flannel's route becomes Felix's and is not lost") {
  auto ask = task(AgentOperation::HandOver);
  ask.block_size = 24;
  ask.route_protocol = GENERATE(3, 80);
  const auto host = handed_over(on_flannel(), ask);
  CHECK(on_tunnels(host) == Texts{"10.244.2.0/24 via 10.244.2.0"});
  CHECK(route_to(host, "10.244.2.0/24").protocol == ask.route_protocol);
}

TEST_CASE("of a peer's IPv6 pod CIDR the first blocks are laid, and the next that it may claim") {
  const auto ask = a_host::dual_stack(task(AgentOperation::HandOver));
  const auto host = handed_over(of_two_families(), ask);
  const std::string via = " via fd00:10:244:2::";
  auto six = on_tunnels(host);
  std::erase_if(six, [](const auto& text) { return !text.starts_with("fd"); });
  CHECK(six == Texts{"fd00:10:244:2::/122" + via, "fd00:10:244:2::/64" + via,
                     "fd00:10:244:2::100/122" + via, "fd00:10:244:2::40/122" + via,
                     "fd00:10:244:2::80/122" + via, "fd00:10:244:2::c0/122" + via});
  CHECK(route_to(host, "fd00:10:244:2::c0/122") ==
        through("fd00:10:244:2::c0/122", "fd00:10:244:2::"));
}

TEST_CASE("what the operator tells of a block counts more than in whose pod CIDR it is") {
  auto ask = a_host::dual_stack(task(AgentOperation::HandOver));
  ask.peer_blocks = {{cidr("10.244.2.64/26"), ip("10.244.3.0")},
                     {cidr("10.244.77.0/26"), ip("10.244.2.0")},
                     {cidr("fd00:10:244:2::ff40/122"), ip("fd00:10:244:2::")}};
  const auto host = handed_over(of_two_families(), ask);
  for (const auto& [block, vtep] : ask.peer_blocks)
    CHECK(route_to(host, block.to_string()) == through(block.to_string(), vtep.to_string()));
}

TEST_CASE("a node's own blocks, and what others have laid, are left alone") {
  auto host = on_flannel();
  auto wide = through("10.244.0.0/16", "10.244.0.0");  // over this node's own pod CIDR
  auto elsewhere = through("10.244.2.128/26", "172.30.0.9");
  elsewhere.link = a_host::kEth0;
  elsewhere.onlink = false;
  host.routes.insert(host.routes.end(), {wide, elsewhere});
  host = handed_over(host, task(AgentOperation::HandOver));
  CHECK(route_to(host, "10.244.2.128/26") == elsewhere);
  CHECK(on_tunnels(host) == Texts{"10.244.0.0/16 via 10.244.0.0", "10.244.2.0/24 via 10.244.2.0",
                                  "10.244.2.0/26 via 10.244.2.0", "10.244.2.192/26 via 10.244.2.0",
                                  "10.244.2.64/26 via 10.244.2.0"});
}

TEST_CASE("a route through another gateway than a pod CIDR's first address tells of no peer") {
  auto host = on_flannel();
  host.routes.push_back(through("10.244.9.0/24", "10.244.2.0"));  // an administrator's
  const auto tunnels = on_tunnels(handed_over(host, task(AgentOperation::HandOver)));
  CHECK(std::count_if(tunnels.begin(), tunnels.end(),
                      [](const auto& text) { return text.starts_with("10.244.9."); }) == 1);
}

TEST_CASE("a route of another table or metric is not in the way of a block's") {
  auto other = through("10.244.2.64/26", "172.30.0.9");
  other.link = a_host::kEth0;
  other.onlink = false;
  const bool table = GENERATE(true, false);
  (table ? other.table : other.metric) = 100;
  auto host = on_flannel();
  host.routes.push_back(other);
  const auto tunnels = on_tunnels(handed_over(host, task(AgentOperation::HandOver)));
  CHECK(std::find(tunnels.begin(), tunnels.end(), "10.244.2.64/26 via 10.244.2.0") !=
        tunnels.end());
}

TEST_CASE("a hand-over that was cut off lays what is missing") {
  auto host = handed_over(on_flannel(), task(AgentOperation::HandOver));
  const auto whole = on_tunnels(host);
  std::erase_if(host.routes,
                [](const auto& route) { return route.destination == cidr("10.244.2.64/26"); });
  CHECK(on_tunnels(handed_over(host, task(AgentOperation::HandOver))) == whole);
}

TEST_CASE("with the hand-back they go, wherever their blocks are, unless they are the only way") {
  auto ask = task(AgentOperation::HandOver);
  ask.peer_blocks = {{cidr("10.244.77.0/26"), ip("10.244.2.0")}};
  auto host = handed_over(on_flannel(), ask);
  const auto before = on_tunnels(on_flannel());
  ask.operation = AgentOperation::HandBack;
  CHECK(on_tunnels(handed_over(host, ask)) == before);
  std::erase_if(host.routes,  // Felix has been there
                [](const auto& route) { return route.destination == cidr("10.244.2.0/24"); });
  const auto felixs = on_tunnels(host);
  REQUIRE(felixs.size() == 5);
  CHECK(on_tunnels(handed_over(host, ask)) == felixs);
}
