#include "api/first_blocks.h"
#include "api/names.h"
#include "calico/names.h"
#include "migration/ipam/node_ipam.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;
using migration::Network;

namespace {

constexpr std::string_view kLabelled = "flannel";

// Calico's data of a node, as the Job writes it before anything moves.
void prepare_as_upstream(World& world, const api::Node& node) {
  const auto& name = node.meta.name;
  const auto handle = calico::tunnel_handle(name, net::Family::V4);
  for (const auto& cidr : api::first_blocks(node.pod_cidrs.front(), 26)) {
    auto& block = world.state.blocks[cidr] = a_block(name, cidr.to_string());
    if (cidr.address() == node.pod_cidrs.front().address()) block.allocated[0] = handle;
    const auto affinity = an_affinity(name, cidr.to_string());
    world.state.affinities[affinity.meta.name] = affinity;
  }
  auto& owner = world.state.handles[handle];
  owner.meta.name = owner.handle_id = handle;
  owner.blocks = {{net::Cidr(node.pod_cidrs.front().address(), 26).to_string(), 1}};
}

// As Calico's own migration Job leaves a cluster: labels and a gated flannel, nothing of ours.
void begin_as_upstream(FakeCluster& cluster) {
  World& world = cluster.world;
  world.state.pools["default-ipv4-ippool"] = a_pool("default-ipv4-ippool", "10.244.0.0/16");
  world.state.felix = a_felix(R"({"vxlanMTU":1450,"vxlanPort":8472,"vxlanVNI":1})");
  for (auto& [name, node] : world.state.nodes) prepare_as_upstream(world, node.node);
  for (auto& [name, node] : world.state.nodes)
    cluster.edit_node(name, with_label(api::kNetworkLabel, kLabelled));
  auto& set = world.state.daemon_sets.at({"kube-flannel", "kube-flannel-ds"});
  api::DaemonSetPatch gate;
  gate.node_selector[std::string(api::kNetworkLabel)] = "flannel";
  api::apply(gate, set);
  ++set.meta.generation;
  cluster.settle();
  for (auto& [name, host] : world.hosts) host.left_flannel = false;
}

// One node where the Job has come so far.
void move_as_upstream(FakeCluster& cluster, const std::string& name, const std::string& label) {
  World& world = cluster.world;
  cluster.edit_node(name, [&](api::Node& node) {
    node.unschedulable = true;
    node.meta.labels[std::string(api::kInProgressLabel)] = "true";
    node.meta.labels[std::string(api::kNetworkLabel)] = label;
    if (label != "calico") return;
    node.meta.annotations[std::string(api::kCalicoVxlanMac)] = "0a:00:00:00:00:01";
  });
  if (label == "flannel") return;
  Host& host = world.hosts.at(name);
  world.pods(name).clear();
  host = {Device::None, Network::None, {}, {}, {}, false, true};
}

}  // namespace

TEST_CASE("what Calico's own migration Job left half-done is finished, or taken back") {
  const auto [what, label] = GENERATE(table<std::string, std::string>({
      {"nothing moved yet", ""},
      {"a node is being drained", "flannel"},
      {"a node is between the networks", "none"},
      {"a node has Calico's label", "calico"},
  }));
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  CAPTURE(what, static_cast<int>(wanted));
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  begin_as_upstream(cluster);
  if (!label.empty()) move_as_upstream(cluster, "w002", label);
  cluster.create(a_migration(target(wanted)));
  Driver driver(cluster);
  driver.rules.agents_may_cut = true;
  if (wanted == api::Target::Calico) {
    expect_migrated(driver);
    to_flannel(cluster);
  }
  expect_end(driver, api::Phase::Reverted);
}

TEST_CASE("an annotation that cannot be read starts its node over") {
  const auto* garbage =
      GENERATE("", "{}", "nonsense", R"({"towards":"Calico","step":"Dancing","since":"now"})",
               R"({"towards":"Calico","step":"Stop","since":"2026-08-22T12:00:00Z","run":-1})");
  for (int steps = 8; steps < 50; steps += FM_STRIDE) {
    CAPTURE(steps, garbage);
    FakeCluster cluster(a_flannel_cluster(nodes(2)));
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.edit_node("w001", with_annotation(api::kStateAnnotation, garbage));
    driver.rules.agents_may_cut = true;
    driver.rules.somebody_spoils_journals = true;
    expect_migrated(driver);
    to_flannel(cluster);
    expect_end(driver, api::Phase::Reverted);
  }
}
