#include "migration/ipam/reservation.h"

#include "unit/migration/prepared.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

TEST_CASE("live addresses are reserved, the handle first") {
  auto cluster = prepared();
  cluster.handles.erase("flannel-migration-w1");
  cluster.nodes.at("w1").pods = {
      {"a", a_pod("a", "w1", with_ip("10.244.1.5"))},
      {"b", a_pod("b", "w1", with_ip("192.168.0.1"), host_network())},
      {"c", a_pod("c", "w1", with_ip("10.244.1.9"), in_phase("Failed"))}};
  const Surveyed seen(cluster);
  const auto& node = seen.node("w1");
  const auto live = live_addresses(node, {ip("10.244.1.70")});
  CHECK(live.all == std::set<net::IpAddress>{ip("10.244.1.0"), ip("10.244.1.1"), ip("10.244.1.5"),
                                             ip("10.244.1.70"), ip("10.244.1.255")});
  const auto actions = reserve(seen.survey, node, live);
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
  const Surveyed seen(cluster);
  const auto& node = seen.node("w1");
  const auto actions = reserve(seen.survey, node, live_addresses(node, {ip("10.244.1.6")}));
  REQUIRE(actions.size() == 2);
  CHECK(std::get<ReserveAddresses>(actions[0]) ==
        ReserveAddresses{"w1", cidr("10.244.1.0/26"), {6}, {6}});
  CHECK(std::get<DeleteHandle>(actions[1]).handle_id == "k8s-pod-network.gone");
}

TEST_CASE("far addresses are reserved and released as others are") {
  auto cluster = a_flannel_cluster(nodes(1), dual_stack());
  const auto* far = "fd00:10:244:1::1200/122";
  cluster.blocks[cidr(far)] = a_block("w001", far);
  cluster.blocks[cidr("fd00:10:244:1::8000/122")] = a_block("w9", "fd00:10:244:1::8000/122");
  const Surveyed seen(cluster);
  const auto actions = reserve(seen.survey, seen.node("w001"),
                               {{ip("fd00:10:244:1::1234"), ip("fd00:10:244:1::8001")}, {}});
  CHECK(texts(actions) ==
        std::vector<std::string>{"CreateHandle flannel-migration-w001",
                                 "ReserveAddresses 1 in fd00:10:244:1::1200/122 for w001"});
  auto& held = cluster.blocks[cidr(far)].allocated;
  held[0x34] = held[63] = "flannel-migration-w001";
  const Surveyed later(cluster);
  const auto node = later.node("w001");
  CHECK(std::get<ReleaseReservation>(release_reservation(later.survey, node).at(0)) ==
        ReleaseReservation{"w001", cidr(far), {0x34}});
  CHECK(std::get<ReleaseReservation>(release_everything(later.survey, node).at(0)) ==
        ReleaseReservation{"w001", cidr(far), {0x34, 63}});
}

TEST_CASE("a reservation is released block by block, but for what keeps the blocks") {
  auto cluster = prepared();
  cluster.blocks[cidr("10.244.1.0/26")].allocated[1] = "flannel-migration-w1";
  cluster.blocks[cidr("10.244.1.64/26")].allocated[3] = "flannel-migration-w1";
  cluster.blocks[cidr("10.244.1.128/26")].allocated[3] = "k8s-pod-network.x";
  const Surveyed seen(cluster);
  CHECK(texts(release_reservation(seen.survey, seen.node("w1"))) ==
        std::vector<std::string>{"ReleaseReservation 1 in 10.244.1.0/26 for w1",
                                 "ReleaseReservation 1 in 10.244.1.64/26 for w1"});
  CHECK(texts(release_everything(seen.survey, seen.node("w1"))) ==
        std::vector<std::string>{"ReleaseReservation 1 in 10.244.1.0/26 for w1",
                                 "ReleaseReservation 2 in 10.244.1.64/26 for w1",
                                 "ReleaseReservation 1 in 10.244.1.128/26 for w1",
                                 "ReleaseReservation 1 in 10.244.1.192/26 for w1",
                                 "DeleteHandle flannel-migration-w1"});
}

TEST_CASE("nothing is released of a node of which only its blocks are kept") {
  const Surveyed seen(prepared());
  CHECK(release_reservation(seen.survey, seen.node("w1")).empty());
}

TEST_CASE("the highest reserved address keeps a block that nothing else does") {
  auto cluster = prepared();
  cluster.blocks[cidr("10.244.1.64/26")].allocated = {{3, "flannel-migration-w1"},
                                                      {9, "flannel-migration-w1"}};
  const Surveyed seen(cluster);
  CHECK(std::get<ReleaseReservation>(release_reservation(seen.survey, seen.node("w1")).at(0)) ==
        ReleaseReservation{"w1", cidr("10.244.1.64/26"), {3}});
}

TEST_CASE("addresses that no pod has any more are released while the bridge is there") {
  auto cluster = prepared();
  auto& held = cluster.blocks[cidr("10.244.1.0/26")].allocated;
  for (const auto ordinal : {1u, 5u, 6u, 7u}) held[ordinal] = "flannel-migration-w1";
  held[8] = "k8s-pod-network.x";
  cluster.blocks[cidr("10.244.1.64/26")].allocated[3] = "flannel-migration-w1";
  cluster.nodes.at("w1").pods = {{"a", a_pod("a", "w1", with_ip("10.244.1.5"))},
                                 {"b", a_pod("b", "w1", with_ip("10.244.1.6"), in_phase("Failed"))},
                                 {"c", a_pod("c", "w1", with_ip("10.244.1.67"), terminating())}};
  const Surveyed seen(cluster);
  const auto actions = release_unused(seen.survey, seen.node("w1"));
  REQUIRE(actions.size() == 1);
  CHECK(std::get<ReleaseReservation>(actions[0]) ==
        ReleaseReservation{"w1", cidr("10.244.1.0/26"), {7}});
}

TEST_CASE("free addresses are those of the family that has fewest") {
  auto cluster = prepared();
  CHECK(free_addresses(Surveyed(cluster).survey, Surveyed(cluster).node("w1")) == 252);
  cluster.blocks.erase(cidr("10.244.1.64/26"));
  cluster.blocks[cidr("10.244.1.128/26")].affinity = "host:w9";
  const Surveyed seen(cluster);
  CHECK(free_addresses(seen.survey, seen.node("w1")) == 126);
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

TEST_CASE("the bridge has the network, the first address and IPv4's last one for itself") {
  const auto node = a_node("w1", with_pod_cidr("fd00:10:244:1::/64"));
  CHECK(bridge_addresses(node) ==
        std::set<net::IpAddress>{ip("10.244.1.0"), ip("10.244.1.1"), ip("10.244.1.255"),
                                 ip("fd00:10:244:1::"), ip("fd00:10:244:1::1")});
}
