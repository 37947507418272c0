#include "migration/ipam/node_ipam.h"

#include "api/names.h"
#include "calico/names.h"
#include "migration/ipam/ipam_handle.h"
#include "unit/migration/prepared.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace migration;
using namespace build;

TEST_CASE("what is missing of a node comes in an order that may be broken off anywhere") {
  const Surveyed seen(a_cluster_of());
  const auto ipam = examine(seen);
  CHECK(ipam.problem.empty());
  CHECK(texts(ipam.missing) ==
        std::vector<std::string>{
            "PatchNode w1 (IPAMPrepared)", "CreateHandle flannel-migration-w1",
            "CreateHandle vxlan-tunnel-addr-w1", "CreateBlock 10.244.1.0/26 for w1",
            "CreateAffinity 10.244.1.0/26 for w1", "CreateBlock 10.244.1.64/26 for w1",
            "CreateAffinity 10.244.1.64/26 for w1", "CreateBlock 10.244.1.128/26 for w1",
            "CreateAffinity 10.244.1.128/26 for w1", "CreateBlock 10.244.1.192/26 for w1",
            "CreateAffinity 10.244.1.192/26 for w1"});
  CHECK(std::get<CreateHandle>(ipam.missing[1]).blocks ==
        HandleBlocks{{cidr("10.244.1.64/26"), 1},
                     {cidr("10.244.1.128/26"), 1},
                     {cidr("10.244.1.192/26"), 1}});
  CHECK(std::get<CreateBlock>(ipam.missing[3]) ==
        CreateBlock{"w1", cidr("10.244.1.0/26"), true, std::nullopt});
  CHECK(std::get<CreateBlock>(ipam.missing[9]) ==
        CreateBlock{"w1", cidr("10.244.1.192/26"), false, 63});
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
  SECTION("the tunnel's handle") {
    cluster.handles.erase("vxlan-tunnel-addr-w1");
    wanted = "CreateHandle vxlan-tunnel-addr-w1";
  }
  SECTION("the reservation's handle") {
    cluster.handles.erase("flannel-migration-w1");
    wanted = "CreateHandle flannel-migration-w1";
  }
  SECTION("what keeps a block from being empty") {
    cluster.blocks[cidr("10.244.1.128/26")].allocated = {{63, "k8s-pod-network.x"}};
    wanted = "ReserveAddresses 1 in 10.244.1.128/26 for w1";
  }
  SECTION("an annotation") {
    cluster.nodes.at("w1").node.meta.annotations.erase(std::string(api::kCalicoVxlanMac));
    wanted = "PatchNode w1 (IPAMPrepared)";
  }
  const Surveyed seen(cluster);
  CHECK(texts(examine(seen).missing) == std::vector<std::string>{wanted});
}

TEST_CASE("a handle that names another block than the node's is corrected") {
  auto cluster = prepared();
  const auto* id = GENERATE("vxlan-tunnel-addr-w1", "flannel-migration-w1");
  auto& blocks = cluster.handles.at(id).blocks;
  auto wanted = HandleBlocks{};
  for (const auto& [text, count] : blocks) wanted[cidr(text)] = count;
  SECTION("of the node that was replaced, and nothing else") { blocks = {{"10.244.9.0/26", 1}}; }
  SECTION("of the node that was replaced, too") { blocks["10.244.9.0/26"] = 1; }
  SECTION("of that one, where an address is still held") {
    blocks = {{"10.244.9.0/26", 2}};
    cluster.blocks[cidr("10.244.9.0/26")] = a_block("w1", "10.244.9.0/26");
    cluster.blocks[cidr("10.244.9.0/26")].allocated[0] = id;
    wanted[cidr("10.244.9.0/26")] = 2;
  }
  SECTION("none") { blocks.clear(); }
  SECTION("what is no block") { blocks["nonsense"] = 1; }
  const Surveyed seen(cluster);
  const auto ipam = examine(seen);
  REQUIRE(ipam.missing.size() == 1);
  CHECK(std::get<CreateHandle>(ipam.missing.front()) == CreateHandle{id, wanted, true});
}

TEST_CASE("a handle's numbers are left to Calico") {
  auto cluster = prepared();
  cluster.handles.at("vxlan-tunnel-addr-w1").blocks["10.244.1.0/26"] = 3;
  const Surveyed seen(cluster);
  CHECK(examine(seen).ready());
}

TEST_CASE("a block whose addresses pods have all needs nothing that keeps it") {
  auto cluster = prepared();
  auto& held = cluster.blocks[cidr("10.244.1.64/26")].allocated;
  for (std::uint32_t ordinal = 0; ordinal < 64; ++ordinal) held[ordinal] = "k8s-pod-network.x";
  cluster.handles.at("flannel-migration-w1").blocks.erase("10.244.1.64/26");
  const Surveyed seen(cluster);
  CHECK(examine(seen).ready());
}

TEST_CASE("blocks of few addresses have none to spare") {
  auto migration = a_migration();
  migration.spec->calico.block_size = 30;
  const Surveyed seen(a_cluster_of(with_pod_cidr("10.244.1.0/28")), migration);
  for (const auto& action : examine(seen).missing) {
    const auto* block = std::get_if<CreateBlock>(&action);
    if (block != nullptr) CHECK_FALSE(block->placeholder);
  }
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

TEST_CASE("a far pod's block is claimed, and the next; nothing is ready until all pods are known") {
  auto cluster = a_flannel_cluster(nodes(1), dual_stack());
  const auto look = [&cluster](const std::set<net::IpAddress>& live) {
    const Surveyed seen(cluster);
    return examine_ipam(seen.survey, seen.node("w001"), Network::Calico, live);
  };
  CHECK_FALSE(look({}).complete);
  cluster.far_pods = PodAddresses{{"w001", {{"a", ip("fd00:10:244:1::1234")}}}};
  const auto ipam = look({ip("fd00:10:244:1::8000"), ip("10.244.1.7"), ip("fd00:10:244:2::8000")});
  CHECK(ipam.complete);
  REQUIRE(ipam.blocks.size() == 11);
  CHECK(std::vector(ipam.blocks.begin() + 8, ipam.blocks.end()) ==
        std::vector{cidr("fd00:10:244:1::1200/122"), cidr("fd00:10:244:1::8000/122"),
                    cidr("fd00:10:244:1::8040/122")});
  const auto done = texts(ipam.missing);
  CHECK(std::count(done.begin(), done.end(), "CreateBlock fd00:10:244:1::8040/122 for w001") == 1);
  CHECK(std::count(done.begin(), done.end(), "CreateAffinity fd00:10:244:1::8040/122 for w001") ==
        1);
}
