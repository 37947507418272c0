// What the kernel says of packets to this node's pods.
#include "hostnet/lookups.h"

#include "hostnet/planner.h"
#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

using a_host::blackhole;
using a_host::on_flannel;
using a_host::task;
using api::AgentOperation;
using hostnet::dead_blocks;
using netlink::RouteType;
using parsed::cidr;
using parsed::ip;

namespace {

const api::AgentTask kAsk = task(AgentOperation::Verify);

std::set<net::Cidr> blocks(const hostnet::HostState& host, const api::AgentTask& ask) {
  std::set<net::Cidr> all;
  for (const auto& lookup : hostnet::lookups(host, ask)) {
    CHECK(lookup.block.contains(lookup.address));
    all.insert(lookup.block);
  }
  return all;
}

// Every address that is looked up meets that route.
hostnet::HostState looked_up(hostnet::HostState host, RouteType type) {
  for (const auto& lookup : hostnet::lookups(host, kAsk)) host.looked_up[lookup.address] = type;
  return host;
}

}  // namespace

TEST_CASE("one address of each block is looked up, of odd blocks too") {
  auto host = on_flannel();
  const std::set<net::Cidr> usual = {cidr("10.244.1.0/26"), cidr("10.244.1.64/26"),
                                     cidr("10.244.1.128/26"), cidr("10.244.1.192/26")};
  CHECK(blocks(host, kAsk) == usual);
  host.routes.push_back(blackhole("10.244.1.16/28", 99));
  host.routes.push_back(blackhole("10.244.2.0/26", 99));
  auto wanted = usual;
  wanted.insert(cidr("10.244.1.16/28"));
  CHECK(blocks(host, kAsk) == wanted);
  auto ask = kAsk;
  ask.block_size = 25;
  CHECK(blocks(on_flannel(), ask) ==
        std::set<net::Cidr>{cidr("10.244.1.0/25"), cidr("10.244.1.128/25")});
}

TEST_CASE("of a large pod CIDR the beginning is looked up") {
  auto ask = a_host::dual_stack(kAsk);
  ask.pod_cidrs.front() = cidr("10.0.0.0/8");
  CHECK(blocks(on_flannel(), ask).size() == 2048);
}

TEST_CASE("the address is of no pod with a route of its own, where there is one") {
  auto host = on_flannel();
  const auto first = [&] { return hostnet::lookups(host, kAsk).at(1).address; };
  CHECK(first() == ip("10.244.1.66"));
  netlink::Route pod;
  for (const auto* to : {"10.244.1.66/32", "10.244.1.67/32"}) {
    pod.destination = cidr(to);
    host.routes.push_back(pod);
  }
  CHECK(first() == ip("10.244.1.68"));
  auto ask = kAsk;
  ask.pod_cidrs = {cidr("10.244.1.66/32")};
  CHECK(hostnet::lookups(host, ask).front().address == ip("10.244.1.66"));
}

TEST_CASE("a block whose packets are dropped is dead, and Verify on the way back tells which") {
  auto host = on_flannel();
  CHECK(dead_blocks(host, kAsk).empty());
  CHECK(dead_blocks(looked_up(host, RouteType::Unicast), kAsk).empty());
  host.looked_up[hostnet::lookups(host, kAsk).at(1).address] = RouteType::Blackhole;
  host.looked_up[hostnet::lookups(host, kAsk).at(2).address] = RouteType::Prohibit;
  CHECK(dead_blocks(host, kAsk) ==
        std::vector<std::string>{"10.244.1.64/26 (blackhole)", "10.244.1.128/26 (prohibit)"});
  auto ask = kAsk;
  ask.network = api::AgentNetwork::Flannel;
  CHECK(hostnet::plan_host(host, ask).waiting ==
        "packets to pods in 10.244.1.64/26 (blackhole), 10.244.1.128/26 (prohibit) are dropped");
}

TEST_CASE("Calico's own blackholes are no reason for Verify to wait on the way there") {
  auto host = looked_up(a_host::on_calico(), RouteType::Blackhole);
  auto ask = kAsk;
  ask.network = api::AgentNetwork::Calico;
  CHECK(hostnet::plan_host(host, ask).done());
}

TEST_CASE("what flannel drops as a whole is not told, what Felix drops behind it is") {
  auto host = on_flannel();
  host.routes.push_back(blackhole("10.244.1.0/24", netlink::kProtocolBoot));
  CHECK(dead_blocks(looked_up(host, RouteType::Blackhole), kAsk).empty());
  host.routes.push_back(blackhole("10.244.1.64/26", 99));
  CHECK(dead_blocks(looked_up(host, RouteType::Blackhole), kAsk) ==
        std::vector<std::string>{"10.244.1.64/26 (blackhole)"});
}

TEST_CASE(
    "what an administrator drops of all pods and more is not told before the bridge is there") {
  auto host = on_flannel();
  std::erase_if(host.routes, [](const auto& route) { return route.link == a_host::kBridge; });
  auto route = blackhole("10.0.0.0/8", 4);
  route.type = GENERATE(RouteType::Blackhole, RouteType::Unreachable, RouteType::Prohibit);
  route.metric = 100;
  if (GENERATE(false, true)) route.destination = cidr("10.244.1.0/24");
  host.routes.push_back(route);
  CHECK(dead_blocks(looked_up(host, route.type), kAsk).empty());
  SECTION("one that the bridge's own route would not go before is told") {
    host.routes.back().destination = cidr("10.244.1.0/24");
    host.routes.back().metric = 0;
    CHECK(dead_blocks(looked_up(host, route.type), kAsk).size() >= 4);
  }
  SECTION("Felix's in front of it is told") {
    host.routes.push_back(blackhole("10.244.1.64/26", 99));
    CHECK(dead_blocks(looked_up(host, route.type), kAsk).size() == 1);
  }
  SECTION("packets that are dropped beside the bridge's own route are told") {
    netlink::Route bridge;
    bridge.destination = cidr("10.244.1.0/24");
    bridge.link = a_host::kBridge;
    host.routes.push_back(bridge);
    CHECK(dead_blocks(looked_up(host, route.type), kAsk).size() >= 4);
  }
}
