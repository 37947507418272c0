// Pods of flannel's bridge and pods of Calico on one node: for the former, the latter's addresses
// are on their own link.
#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

using namespace a_host;
using api::AgentOperation;
using hostnet::HostState;

namespace {

const netlink::Link* bridge(const HostState& host) { return host.find_link("cni0"); }

HostState after(AgentOperation operation, HostState host) {
  return run(std::move(host), task(operation)).host;
}

// Of a migration that was finished: flannel's bridge is gone.
HostState migrated() { return run(on_calico(), clean(api::AgentNetwork::Flannel)).host; }

HostState without_calico_pods(HostState host) {
  std::erase_if(host.routes, [](const auto& route) { return route.link == 20; });
  return host;
}

}  // namespace

TEST_CASE("the host answers ARP for Calico's pods from the hand-over on") {
  CHECK_FALSE(bridge(on_flannel())->proxy_arp);
  const auto host = after(AgentOperation::HandOver, on_flannel());
  CHECK(bridge(host)->proxy_arp);
}

TEST_CASE("it goes on while Calico's pods live on a node that goes back") {
  const auto host = after(AgentOperation::HandBack, on_calico());
  CHECK(bridge(host)->proxy_arp);
  const auto cleaned = run(host, clean(api::AgentNetwork::Calico)).host;
  CHECK_FALSE(bridge(cleaned)->proxy_arp);
}

TEST_CASE("it ends with the hand-back where no pod is Calico's") {
  const auto host = after(
      AgentOperation::HandBack,
      GENERATE(after(AgentOperation::HandOver, on_flannel()), without_calico_pods(on_calico())));
  CHECK_FALSE(bridge(host)->proxy_arp);
}

TEST_CASE("a bridge that is gone is made before flannel's plugin makes one that does not answer") {
  REQUIRE(bridge(migrated()) == nullptr);
  const auto host = after(AgentOperation::HandBack, migrated());
  REQUIRE(bridge(host) != nullptr);
  CHECK(bridge(host)->proxy_arp);
  CHECK(host.has_address(bridge(host)->index, parsed::ip("10.244.1.1")));
  const auto alone = after(AgentOperation::HandBack, without_calico_pods(migrated()));
  CHECK(bridge(alone) == nullptr);
}

TEST_CASE("Canal has no bridge, and gets none") {
  auto canal = task(AgentOperation::HandBack);
  canal.lease_network = "k8s-pod-network";
  auto host = migrated();
  std::erase_if(host.cni, [](const auto& one) { return one.kind == hostnet::CniKind::Flannel; });
  CHECK(bridge(run(host, canal).host) == nullptr);
}

TEST_CASE("a bridge that was cut off before it had an address gets one") {
  auto host = migrated();
  host.links.push_back(*bridge(on_flannel()));
  host = after(AgentOperation::HandBack, host);
  CHECK(host.has_address(bridge(host)->index, parsed::ip("10.244.1.1")));
  CHECK(bridge(host)->proxy_arp);
}

TEST_CASE("somebody else's device of the bridge's name is left alone") {
  auto host = migrated();
  host.links.push_back(*bridge(on_flannel()));
  SECTION("no bridge") { host.links.back().kind = "dummy"; }
  SECTION("with another address") {
    host.addresses.push_back({kBridge, parsed::ip("192.168.9.1"), 24, 0});
  }
  const auto before = host.addresses;
  host = after(AgentOperation::HandBack, host);
  CHECK(host.addresses == before);
  CHECK_FALSE(bridge(host)->proxy_arp);
}
