#include "migration/ipam/peer_blocks.h"

#include "calico/names.h"
#include "fakes/build/objects.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

using Texts = std::vector<std::string>;

void claim(ClusterState& cluster, const std::string& node, const std::string& block) {
  api::IpamBlock claimed;
  claimed.cidr = cidr(block);
  claimed.affinity = calico::host_affinity(node);
  cluster.blocks[claimed.cidr] = claimed;
}

// As the agent of w001 is told.
Texts told(const ClusterState& cluster) {
  const Surveyed seen(cluster);
  Texts all;
  for (const auto& [block, vtep] : peer_blocks(outlying_blocks(seen.survey), "w001"))
    all.push_back(block.to_string() + "=" + vtep.to_string());
  return all;
}

std::string address_of(const ClusterState& cluster, const std::string& node, net::Family family) {
  for (const auto& cidr : cluster.nodes.at(node).node.pod_cidrs)
    if (cidr.family() == family) return cidr.address().to_string();
  return {};
}

}  // namespace

TEST_CASE("what flannel's routes tell is not told again") {
  auto cluster = a_flannel_cluster(nodes(3), dual_stack());
  const auto v4 = address_of(cluster, "w002", net::Family::V4);
  const auto v6 = address_of(cluster, "w002", net::Family::V6);
  claim(cluster, "w002", v4 + "/26");
  claim(cluster, "w002", v6 + "c0/122");
  CHECK(told(cluster).empty());
}

TEST_CASE("a block in nobody's pod CIDR, or in another node's, is told with whose it is") {
  auto cluster = a_flannel_cluster(nodes(3));
  const auto two = address_of(cluster, "w002", net::Family::V4);
  const auto three = address_of(cluster, "w003", net::Family::V4);
  claim(cluster, "w002", "10.244.200.64/26");
  claim(cluster, "w003", two + "/26");
  claim(cluster, "w001", "10.244.201.64/26");  // its own
  claim(cluster, "gone", "10.244.202.64/26");
  cluster.blocks[cidr("10.244.203.64/26")].cidr = cidr("10.244.203.64/26");  // nobody's
  CHECK(told(cluster) == Texts{two + "/26=" + three, "10.244.200.64/26=" + two});
}

TEST_CASE("a block that Calico is about to delete is not told") {
  auto cluster = a_flannel_cluster(nodes(2));
  claim(cluster, "w002", "10.244.200.64/26");
  CHECK(told(cluster).size() == 1);
  cluster.blocks.at(cidr("10.244.200.64/26")).deleted = true;
  CHECK(told(cluster).empty());
}

TEST_CASE("of IPv6 the blocks far up are told, and the next that may be claimed") {
  auto cluster = a_flannel_cluster(nodes(3), dual_stack());
  const auto v6 = address_of(cluster, "w002", net::Family::V6);
  claim(cluster, "w002", v6 + "100/122");  // derived
  const auto all = [&v6](const std::vector<std::string>& blocks) {
    Texts texts;
    for (const auto& block : blocks) texts.push_back(v6 + block + "/122=" + v6);
    return texts;
  };
  CHECK(told(cluster) == all({"140", "180", "1c0", "200"}));
  claim(cluster, "w002", v6 + "1000/122");
  CHECK(told(cluster) == all({"1000", "1040", "1080", "10c0", "1100"}));
}

TEST_CASE("an agent is told no more blocks than fit into its pod") {
  const std::vector<OutlyingBlock> many(20'000, {"w002", cidr("10.244.9.0/26"), ip("10.244.2.0")});
  CHECK(peer_blocks(many, "w001").size() == 10'000);
  CHECK(peer_blocks(many, "w002").empty());
}
