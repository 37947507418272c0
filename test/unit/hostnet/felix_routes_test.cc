// Felix's routes have whatever protocol FelixConfiguration's deviceRouteProtocol says.
#include "hostnet/felix_routes.h"

#include "hostnet/route_steps.h"
#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

#include <algorithm>

using a_host::blackhole;
using a_host::clean;
using a_host::on_calico;
using a_host::run;
using a_host::task;
using api::AgentOperation;
using hostnet::is_felix_blackhole;
using parsed::cidr;
using parsed::ip;

namespace {

// As Felix lays them with that protocol, on its tunnel device too.
hostnet::HostState with_protocol(std::uint8_t protocol) {
  auto host = on_calico();
  for (auto& route : host.routes) {
    if (route.protocol == netlink::kProtocolFelix) route.protocol = protocol;
  }
  return host;
}

netlink::Route to_peer(const std::string& to, std::uint8_t protocol) {
  netlink::Route route;
  route.destination = cidr(to);
  route.link = a_host::kTunnel;
  route.gateway = ip("10.244.2.0");
  route.protocol = protocol;
  route.onlink = true;
  return route;
}

bool has(const hostnet::HostState& host, const netlink::Route& route) {
  return std::find(host.routes.begin(), host.routes.end(), route) != host.routes.end();
}

std::ptrdiff_t blackholes(const hostnet::HostState& host) {
  return std::count_if(host.routes.begin(), host.routes.end(), [](const auto& route) {
    return route.type == netlink::RouteType::Blackhole;
  });
}

}  // namespace

TEST_CASE("Felix's blackhole is a part of a pod CIDR, whatever its protocol") {
  const auto ask = task(AgentOperation::HandBack);
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.64/26", 80)));
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.64/26", 99)));
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.64/26", netlink::kProtocolBoot)));
  CHECK(is_felix_blackhole(ask, blackhole("10.244.7.0/26", 80)));
  CHECK_FALSE(is_felix_blackhole(ask, blackhole("10.244.7.0/26", 99)));
  CHECK_FALSE(is_felix_blackhole(ask, blackhole("10.0.0.0/8", 99)));
  CHECK_FALSE(is_felix_blackhole(ask, blackhole("10.244.1.0/24", 99)));
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.0/24", 80)));
  auto elsewhere = blackhole("10.244.1.64/26", 99);
  elsewhere.table = 999;
  CHECK_FALSE(is_felix_blackhole(ask, elsewhere));
  elsewhere.table = netlink::kMainTable;
  elsewhere.type = netlink::RouteType::Unreachable;
  CHECK_FALSE(is_felix_blackhole(ask, elsewhere));
}

TEST_CASE("where a pod CIDR is one block, its blackhole is flannel's by flannel's protocol alone") {
  auto ask = task(AgentOperation::HandBack);
  ask.pod_cidrs = {cidr("10.244.1.64/26")};
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.64/26", 80)));
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.64/26", 99)));
  CHECK_FALSE(is_felix_blackhole(ask, blackhole("10.244.1.64/26", netlink::kProtocolBoot)));
  CHECK(hostnet::is_flannel_blackhole(ask, blackhole("10.244.1.64/26", netlink::kProtocolBoot)));
}

TEST_CASE("a block of another size is known by the size that the operator tells") {
  auto ask = task(AgentOperation::HandBack);
  ask.pod_cidrs = {cidr("10.244.1.64/28"), cidr("fd00:10:244:1::/124")};
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.64/28", 99)));
  ask.block_size = 30;
  ask.ipv6_block_size = 126;
  CHECK_FALSE(is_felix_blackhole(ask, blackhole("10.244.1.64/28", 99)));
  CHECK(is_felix_blackhole(ask, blackhole("10.244.1.68/30", 99)));
  CHECK_FALSE(is_felix_blackhole(ask, blackhole("fd00:10:244:1::/124", 99)));
}

TEST_CASE("the anchor of a BGP route over the whole pod CIDR is nobody's of ours") {
  const auto ask = GENERATE(task(AgentOperation::HandBack), task(AgentOperation::CutBack),
                            clean(api::AgentNetwork::Calico), clean(api::AgentNetwork::Flannel));
  constexpr std::uint8_t kBird = 12;
  auto host = on_calico();
  host.routes.push_back(blackhole("10.244.1.0/24", kBird));
  const auto anchor = host.routes.back();
  CHECK(has(run(host, ask).host, anchor));
}

TEST_CASE("no blackhole of a block outlives Felix, whatever its protocol") {
  const auto ask = GENERATE(task(AgentOperation::HandBack), task(AgentOperation::CutBack),
                            clean(api::AgentNetwork::Calico));
  const auto host = with_protocol(GENERATE(as<std::uint8_t>(), 80, 99, 144));
  REQUIRE(blackholes(host) == 2);
  const auto end = run(host, ask);
  REQUIRE(end.plan.done());
  CHECK(blackholes(end.host) == 0);
}

TEST_CASE("Felix's routes to parts of a peer's pod CIDR go from flannel's device, flannel's stay") {
  auto host = run(on_calico(), task(AgentOperation::HandBack)).host;
  const auto left = to_peer("10.244.2.64/26", GENERATE(as<std::uint8_t>(), 3, 80, 99));
  const auto flannels = to_peer("10.244.2.0/24", netlink::kProtocolBoot);
  REQUIRE(has(host, flannels));
  host.routes.push_back(left);
  if (GENERATE(false, true))  // Canal: Felix stays
    host.cni = {a_host::conf("10-canal.conflist", hostnet::CniKind::Canal)};
  const auto end = run(host, clean(api::AgentNetwork::Calico));
  REQUIRE(end.plan.done());
  CHECK_FALSE(has(end.host, left));
  CHECK(has(end.host, flannels));
}

TEST_CASE("before flannel has a route of its own, Felix's is the only one and stays") {
  auto host = run(on_calico(), task(AgentOperation::HandBack)).host;
  std::erase_if(host.routes, [](const auto& route) { return route.link == a_host::kTunnel; });
  const auto left = to_peer("10.244.2.64/26", 3);
  host.routes.push_back(left);
  CHECK(has(run(host, clean(api::AgentNetwork::Calico)).host, left));
}

TEST_CASE("a Felix whose routes have the hand-over's number keeps those to its pods") {
  const auto host = with_protocol(hostnet::kProtocolHandOver);
  const auto end = run(host, clean(api::AgentNetwork::Flannel));
  REQUIRE(end.plan.done());
  CHECK(hostnet::calico_pods(end.host, task(AgentOperation::Verify)) ==
        std::set<net::IpAddress>{ip("10.244.1.70")});
}
