#include "migration/facts/originals.h"

#include "api/names.h"
#include "fakes/build/cluster.h"
#include "migration/model/network.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

const api::ObjectKey kFlannelKey{"kube-flannel", "kube-flannel-ds"};

ClusterState rich_cluster() {
  auto cluster = a_flannel_cluster(nodes(2));
  cluster.felix = a_felix(R"({"vxlanMTU":1200,"logSeverityScreen":"Debug"})");
  cluster.ipam_config = an_ipam_config(true, true);
  cluster.pools["mine"] = a_pool("mine", "10.99.0.0/16");
  cluster.blocks[cidr("10.99.0.0/26")] = a_block("w001", "10.99.0.0/26");
  const auto affinity = an_affinity("w001", "10.99.0.0/26");
  cluster.affinities[affinity.meta.name] = affinity;
  with_annotation("projectcalico.org/IPv4Address", "192.168.0.1/24")(cluster.nodes.at("w001").node);
  return cluster;
}

Originals take(const ClusterState& cluster) {
  return take_originals(cluster, {&cluster.daemon_sets.at(kFlannelKey)},
                        cluster.daemon_sets.at({"kube-system", "calico-node"}),
                        &cluster.config_maps.at({"kube-system", "calico-config"}));
}

}  // namespace

TEST_CASE("originals are read back as they were taken") {
  const auto originals = take(rich_cluster());
  CHECK(originals.felix_mtu == 1200);
  CHECK(originals.veth_mtu == "0");
  CHECK(originals.calico_had_selector);
  CHECK(originals.blocks == std::set<std::string>{"10-99-0-0-26"});
  CHECK(originals.node_annotations.size() == 1);
  CHECK(parse_originals(render(originals, "ns")).value() == originals);
}

TEST_CASE("originals of a bare cluster are read back as they were taken") {
  const auto originals = take(a_flannel_cluster(nodes(1)));
  CHECK_FALSE(originals.felix);
  CHECK_FALSE(originals.ipam_config);
  CHECK(parse_originals(render(originals, "ns")).value() == originals);
}

TEST_CASE("what a server wrote is not kept of a DaemonSet, nor the migration's selector") {
  auto cluster = a_flannel_cluster(nodes(1));
  auto& set = cluster.daemon_sets.at(kFlannelKey);
  api::DaemonSetPatch gate;
  gate.node_selector[std::string(api::kNetworkLabel)] = "flannel";
  api::apply(gate, set);
  const auto originals = take(cluster);
  const auto& text = originals.flannel_sets.at(kFlannelKey);
  for (const auto* word : {"resourceVersion", "uid", "status", "generation", "node-network"}) {
    CAPTURE(word, text);
    CHECK(text.find(word) == std::string::npos);
  }
  CHECK(originals.flannel_selectors.at(kFlannelKey).empty());
}

TEST_CASE("a saved DaemonSet comes back held by its label, and restarts nothing") {
  const auto text = take(a_flannel_cluster(nodes(1))).flannel_sets.at(kFlannelKey);
  const auto again = a_daemon_set(for_revert(text).value());
  CHECK(again.node_selector.at(std::string(api::kNetworkLabel)) == "flannel");
  CHECK(again.update_strategy == "OnDelete");
  CHECK(again.containers.size() == 1);
}

TEST_CASE("a record that cannot be read names its key") {
  const auto* key = GENERATE("flannel-daemonsets.json", "calico-daemonset.json", "ippools.json",
                             "ipam.json", "node-annotations.json", "felixconfiguration.json");
  auto map = render(take(rich_cluster()), "ns");
  map.data[key] = "{ not JSON";
  const auto parsed = parse_originals(map);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().message.find(key) != std::string::npos);
}
