#include "migration/node_ipam.h"

#include "api/names.h"
#include "calico/names.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

std::vector<std::string> texts(const std::vector<Action>& actions) {
  std::vector<std::string> all;
  for (const auto& action : actions) all.push_back(to_string(action));
  return all;
}

// w1 with all that Calico needs of it.
ClusterState prepared(ClusterState cluster = a_cluster_of(on_network(Network::Flannel))) {
  const auto handle = calico::tunnel_handle("w1", net::Family::V4);
  for (const auto* text :
       {"10.244.1.0/26", "10.244.1.64/26", "10.244.1.128/26", "10.244.1.192/26"}) {
    cluster.blocks[cidr(text)] = a_block("w1", text);
    const auto affinity = an_affinity("w1", text);
    cluster.affinities[affinity.meta.name] = affinity;
  }
  cluster.blocks[cidr("10.244.1.0/26")].allocated[0] = handle;
  cluster.handles[handle] = {{}, handle, {{"10.244.1.0/26", 1}}, false};
  auto& annotations = cluster.nodes.at("w1").node.meta.annotations;
  annotations[std::string(api::kCalicoIpv4Address)] = "192.168.0.1/24";
  annotations[std::string(api::kCalicoVxlanAddress)] = "10.244.1.0";
  annotations[std::string(api::kCalicoVxlanMac)] = "0a:00:00:00:00:01";
  return cluster;
}

NodeIpam examine(const Surveyed& seen) {
  return examine_ipam(seen.survey, seen.node("w1"), Network::Calico);
}

}  // namespace

TEST_CASE("a pod CIDR is made of these blocks") {
  const auto [pod_cidr, size, count, last] =
      GENERATE(table<std::string, int, std::size_t, std::string>({
          {"10.244.1.0/24", 26, 4u, "10.244.1.192/26"},
          {"10.244.1.0/24", 24, 1u, "10.244.1.0/24"},
          {"10.244.1.0/24", 32, 256u, "10.244.1.255/32"},
          {"10.244.1.0/26", 26, 1u, "10.244.1.0/26"},
          {"10.244.1.0/27", 26, 0u, ""},
          {"10.0.0.0/8", 26, 4096u, "10.3.255.192/26"},
          {"fd00:10:244:1::/64", 122, 4u, "fd00:10:244:1::c0/122"},
          {"fd00:10:244:1::/64", 116, 1u, "fd00:10:244:1::/116"},
          {"fd00:10:244:1::/124", 122, 0u, ""},
      }));
  CAPTURE(pod_cidr, size);
  const auto blocks = blocks_of(cidr(pod_cidr), size);
  REQUIRE(blocks.size() == count);
  if (count > 0) CHECK(blocks.back().to_string() == last);
}

TEST_CASE("what is missing of a node comes in an order that may be broken off anywhere") {
  const Surveyed seen(a_cluster_of());
  const auto ipam = examine(seen);
  CHECK(ipam.problem.empty());
  CHECK(texts(ipam.missing) ==
        std::vector<std::string>{
            "PatchNode w1 (IPAMPrepared)", "CreateHandle vxlan-tunnel-addr-w1",
            "CreateBlock 10.244.1.0/26 for w1", "CreateAffinity 10.244.1.0/26 for w1",
            "CreateBlock 10.244.1.64/26 for w1", "CreateAffinity 10.244.1.64/26 for w1",
            "CreateBlock 10.244.1.128/26 for w1", "CreateAffinity 10.244.1.128/26 for w1",
            "CreateBlock 10.244.1.192/26 for w1", "CreateAffinity 10.244.1.192/26 for w1"});
  const auto& patch = std::get<PatchNode>(ipam.missing.front()).patch;
  CHECK(patch.labels.at(std::string(api::kNetworkLabel)) == "flannel");
  CHECK(patch.annotations.at(std::string(api::kCalicoVxlanMac)) == "0a:00:00:00:00:01");
  CHECK(patch.annotations.at(std::string(api::kCalicoVxlanAddress)) == "10.244.1.0");
}

TEST_CASE("nothing is missing of a prepared node") {
  const Surveyed seen(prepared());
  CHECK(examine(seen).ready());
}

TEST_CASE("what one object lacks is added") {
  auto cluster = prepared();
  std::string wanted;
  SECTION("a block") {
    cluster.blocks.erase(cidr("10.244.1.64/26"));
    wanted = "CreateBlock 10.244.1.64/26 for w1";
  }
  SECTION("a block that is marked as deleted") {
    cluster.blocks[cidr("10.244.1.64/26")].deleted = true;
    wanted = "CreateBlock 10.244.1.64/26 for w1";
  }
  SECTION("the tunnel address") {
    cluster.blocks[cidr("10.244.1.0/26")].allocated.clear();
    wanted = "AllocateVtep w1 in 10.244.1.0/26";
  }
  SECTION("an affinity") {
    cluster.affinities.erase("w1-10-244-1-192-26");
    wanted = "CreateAffinity 10.244.1.192/26 for w1";
  }
  SECTION("an affinity's confirmation") {
    cluster.affinities.at("w1-10-244-1-192-26").state = "pending";
    wanted = "CreateAffinity 10.244.1.192/26 for w1";
  }
  SECTION("the handle") {
    cluster.handles.clear();
    wanted = "CreateHandle vxlan-tunnel-addr-w1";
  }
  SECTION("an annotation") {
    cluster.nodes.at("w1").node.meta.annotations.erase(std::string(api::kCalicoVxlanMac));
    wanted = "PatchNode w1 (IPAMPrepared)";
  }
  const Surveyed seen(cluster);
  CHECK(texts(examine(seen).missing) == std::vector<std::string>{wanted});
}

TEST_CASE("a block of somebody else's is a conflict that names its holder") {
  const auto* holder = GENERATE("w9", "");
  auto cluster = prepared();
  cluster.blocks[cidr("10.244.1.64/26")] = a_block(holder, "10.244.1.64/26");
  const Surveyed seen(cluster);
  const auto ipam = examine(seen);
  CHECK_FALSE(ipam.ready());
  const std::string host = *holder == '\0' ? "" : "host:w9";
  CHECK(ipam.conflicts == std::vector<BlockConflict>{{cidr("10.244.1.64/26"), host}});
}

TEST_CASE("a node that cannot be prepared says why") {
  const auto [change, why] = GENERATE(table<NodeChange, std::string>({
      {[](api::Node& node) { node.pod_cidrs.clear(); }, "node w1 has no IPv4 pod CIDR"},
      {without_flannel(), "lacks flannel's annotation"},
      {without_annotation("flannel.alpha.coreos.com/public-ip"), "public-ip"},
      {with_pod_cidr("10.244.1.0/27"), "smaller than one block of /26"},
  }));
  const Surveyed seen(a_cluster_of(change));
  CHECK(examine(seen).problem.find(why) != std::string::npos);
}

TEST_CASE("a pod that holds the tunnel address is named") {
  auto cluster = prepared();
  cluster.blocks[cidr("10.244.1.0/26")].allocated[0] = "k8s-pod-network.abc";
  const Surveyed seen(cluster);
  CHECK(examine(seen).problem == "address 10.244.1.0 of node w1 is held by k8s-pod-network.abc");
}

TEST_CASE("flannel's MAC is followed while flannel runs, Calico's afterwards") {
  const auto [network, mac] = GENERATE(table<Network, std::string>({
      {Network::Flannel, "0a:00:00:00:00:01"},
      {Network::Calico, "66:11:22:33:44:55"},
  }));
  auto cluster = prepared(a_cluster_of(on_network(network)));
  with_annotation(api::kCalicoVxlanMac, "66:11:22:33:44:55")(cluster.nodes.at("w1").node);
  const Surveyed seen(cluster);
  CHECK(examine(seen).vteps.v4->mac.to_string() == mac);
}

TEST_CASE("a node that joins is told to flannel's peers, and gets its label last") {
  auto cluster = a_cluster_of(without_flannel());
  for (auto& [key, set] : cluster.daemon_sets) {
    if (set.meta.name == "calico-node") continue;
    api::DaemonSetPatch gate;
    gate.node_selector[std::string(api::kNetworkLabel)] = "flannel";
    api::apply(gate, set);
  }
  const Surveyed seen(cluster);
  REQUIRE(seen.node("w1").joined);
  const auto ipam = examine(seen);
  const auto& last = std::get<PatchNode>(ipam.missing.back());
  CHECK(last.reason == "NodeJoined");
  CHECK(last.patch.labels.at(std::string(api::kNetworkLabel)) == "calico");
  CHECK(last.patch.annotations.at("flannel.alpha.coreos.com/public-ip") == "192.168.0.1");
  CHECK(last.patch.annotations.contains("flannel.alpha.coreos.com/backend-data"));
}

TEST_CASE("both families are prepared in a dual-stack cluster") {
  auto cluster = a_flannel_cluster(nodes(1), dual_stack());
  const Surveyed seen(cluster);
  const auto ipam = examine_ipam(seen.survey, seen.node("w001"), Network::Calico);
  CHECK(ipam.problem.empty());
  CHECK(ipam.blocks.size() == 8);
  CHECK(ipam.vteps.v6->address == ip("fd00:10:244:1::"));
}

TEST_CASE("live addresses are reserved, the handle first") {
  auto cluster = prepared();
  cluster.nodes.at("w1").pods = {
      {"a", a_pod("a", "w1", with_ip("10.244.1.5"))},
      {"b", a_pod("b", "w1", with_ip("192.168.0.1"), host_network())},
      {"c", a_pod("c", "w1", with_ip("10.244.1.9"), in_phase("Failed"))}};
  const Surveyed seen(cluster);
  const auto& node = seen.node("w1");
  const auto live = live_addresses(node, {ip("10.244.1.70")});
  CHECK(live.all ==
        std::set<net::IpAddress>{ip("10.244.1.1"), ip("10.244.1.5"), ip("10.244.1.70")});
  const auto actions = reserve(seen.survey, node, examine(seen), live);
  REQUIRE(actions.size() == 3);
  CHECK(std::get<CreateHandle>(actions[0]) ==
        CreateHandle{"flannel-migration-w1",
                     {{cidr("10.244.1.0/26"), 2}, {cidr("10.244.1.64/26"), 1}}});
  CHECK(std::get<ReserveAddresses>(actions[1]) ==
        ReserveAddresses{"w1", cidr("10.244.1.0/26"), {1, 5}, {}});
  CHECK(std::get<ReserveAddresses>(actions[2]) ==
        ReserveAddresses{"w1", cidr("10.244.1.64/26"), {6}, {}});
}

TEST_CASE(
    "an address on the bridge is taken from a pod that is gone, one of a pod that lives is not") {
  auto cluster = prepared();
  cluster.nodes.at("w1").pods = {{"a", a_pod("a", "w1", with_ip("10.244.1.5"))}};
  auto& held = cluster.blocks[cidr("10.244.1.0/26")].allocated;
  held[1] = "flannel-migration-w1";
  held[5] = "k8s-pod-network.lives";
  held[6] = "k8s-pod-network.gone";
  cluster.handles["flannel-migration-w1"] = {{}, "flannel-migration-w1", {}, false};
  const Surveyed seen(cluster);
  const auto& node = seen.node("w1");
  const auto actions =
      reserve(seen.survey, node, examine(seen), live_addresses(node, {ip("10.244.1.6")}));
  REQUIRE(actions.size() == 2);
  CHECK(std::get<ReserveAddresses>(actions[0]) ==
        ReserveAddresses{"w1", cidr("10.244.1.0/26"), {6}, {6}});
  CHECK(std::get<DeleteHandle>(actions[1]).handle_id == "k8s-pod-network.gone");
}

TEST_CASE("a reservation is released block by block, its handle last") {
  auto cluster = prepared();
  cluster.blocks[cidr("10.244.1.0/26")].allocated[1] = "flannel-migration-w1";
  cluster.blocks[cidr("10.244.1.64/26")].allocated[3] = "flannel-migration-w1";
  cluster.blocks[cidr("10.244.1.128/26")].allocated[3] = "k8s-pod-network.x";
  cluster.handles["flannel-migration-w1"] = {{}, "flannel-migration-w1", {}, false};
  const Surveyed seen(cluster);
  CHECK(texts(release_reservation(seen.survey, seen.node("w1"))) ==
        std::vector<std::string>{"ReleaseReservation w1 in 10.244.1.0/26",
                                 "ReleaseReservation w1 in 10.244.1.64/26",
                                 "DeleteHandle flannel-migration-w1"});
}

TEST_CASE("an address is reserved or not") {
  auto cluster = prepared();
  cluster.blocks[cidr("10.244.1.64/26")].allocated[3] = "flannel-migration-w1";
  cluster.blocks[cidr("10.244.1.64/26")].allocated[4] = "k8s-pod-network.x";
  const Surveyed seen(cluster);
  const auto [address, reserved] = GENERATE(table<std::string, bool>({
      {"10.244.1.67", true},
      {"10.244.1.68", false},
      {"10.244.1.69", false},
      {"10.244.1.3", false},
      {"10.244.9.3", false},
      {"0.0.0.0", false},
      {"255.255.255.255", false},
      {"fd00::1", false},
  }));
  CHECK(is_reserved(seen.survey, seen.node("w1"), ip(address)) == reserved);
}

TEST_CASE("the bridge has the first address and IPv4's last one for itself") {
  const auto node = a_node("w1", with_pod_cidr("fd00:10:244:1::/64"));
  CHECK(bridge_addresses(node) ==
        std::set<net::IpAddress>{ip("10.244.1.1"), ip("10.244.1.255"), ip("fd00:10:244:1::1")});
}
