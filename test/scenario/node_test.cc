#include "api/names.h"
#include "calico/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

const ClusterOptions kOptions = [] {
  ClusterOptions options;
  options.nodes = 3;
  return options;
}();

// A node as kubeadm joins it: no label, no network, not Ready.
api::Node newcomer() {
  auto node = numbered_node(kOptions, 9);
  without_flannel()(node);
  return node;
}

void expect_no_reservation(const FakeCluster& cluster, const std::string& node) {
  const auto& state = cluster.world.state;
  const auto reservation = calico::reservation_handle(node);
  CHECK_FALSE(state.handles.contains(reservation));
  for (const auto& [cidr, block] : state.blocks) {
    for (const auto& [ordinal, handle] : block.allocated) CHECK(handle != reservation);
  }
}

// As Calico's kube-controllers do after a while.
void collect_pods_of(FakeCluster& cluster, const std::string& node) {
  for (auto& [cidr, block] : cluster.world.state.blocks) {
    if (block.affinity != calico::host_affinity(node)) continue;
    std::erase_if(block.allocated,
                  [](const auto& entry) { return entry.second.starts_with("k8s-pod-network."); });
  }
}

// After so many steps a machine of that name takes the place of w001, with the pod CIDR of that
// number.
struct Replacement {
  FakeCluster cluster{make_flannel_cluster(kOptions)};
  Driver driver{cluster};
  api::Node node;

  Replacement(int steps, const std::string& name, int number)
      : node(numbered_node(kOptions, number)) {
    cluster.create(a_migration());
    for (int i = 0; i < steps; ++i) driver.step();
    without_flannel()(node);
    node.meta.name = name;
    node.meta.labels["kubernetes.io/hostname"] = name;
    cluster.remove_node("w001");
    cluster.add_node(node, false);
  }
};

}  // namespace

TEST_CASE("a node that joins at any time ends on the network that is wanted") {
  for (int steps = 0; steps < 70; steps += 3 * FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(make_flannel_cluster(kOptions));
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.add_node(newcomer(), false);
    expect_migrated(driver);
    to_flannel(cluster);
    expect_end(driver, api::Phase::Reverted);
  }
}

TEST_CASE("a node that joins in a pause is told of") {
  FakeCluster cluster(make_flannel_cluster(kOptions));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  driver.run_until([&driver] { return driver.status().nodes.calico > 0; });
  cluster.change_spec([](auto& spec) { spec.paused = true; });
  cluster.add_node(newcomer(), false);
  driver.run();
  std::string told;
  for (const auto& finding : driver.status().preflight) {
    if (finding.id == "NodeNetwork") told = finding.observed;
  }
  CHECK(told == "no DaemonSet brings a pod network to these nodes: " + newcomer().meta.name);
  cluster.change_spec([](auto& spec) { spec.paused = false; });
  expect_migrated(driver);
}

TEST_CASE("a node that joins during a revert gets flannel") {
  for (int steps = 0; steps < 70; steps += 3 * FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(make_flannel_cluster(kOptions));
    cluster.create(a_migration());
    Driver driver(cluster);
    driver.run();
    to_flannel(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.add_node(newcomer(), false);
    expect_end(driver, api::Phase::Reverted);
  }
}

TEST_CASE("a node that goes away at any time is forgotten") {
  const auto* name = GENERATE("w001", "w002");
  for (int steps = 0; steps < 60; steps += FM_STRIDE) {
    CAPTURE(steps, name);
    FakeCluster cluster(make_flannel_cluster(kOptions));
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.remove_node(name);
    expect_migrated(driver);
    expect_no_reservation(cluster, name);
  }
}

TEST_CASE("a node that gets the pod CIDR of one that went away does not find it held") {
  for (int steps = 8; steps < 60; steps += 2 * FM_STRIDE) {
    CAPTURE(steps);
    Replacement world(steps, "w009", 1);
    world.driver.run();
    collect_pods_of(world.cluster, "w001");
    expect_migrated(world.driver);
    expect_no_reservation(world.cluster, "w001");
  }
}

TEST_CASE("a node that is replaced under its name starts over") {
  for (int steps = 8; steps < 40; steps += 2 * FM_STRIDE) {
    CAPTURE(steps);
    Replacement world(steps, "w001", 1);
    expect_migrated(world.driver);
    expect_no_reservation(world.cluster, "w001");
  }
}

TEST_CASE("a node that is replaced under its name, with another pod CIDR, gives the old one up") {
  const auto target = GENERATE(api::Target::Calico, api::Target::Flannel);
  for (int steps = 8; steps < 60; steps += 2 * FM_STRIDE) {
    CAPTURE(steps);
    Replacement world(steps, "w001", 9);
    const bool mixed = world.driver.phase() < api::Phase::Finalizing;
    to(world.cluster, target);
    expect_end(world.driver,
               target == api::Target::Calico ? api::Phase::Completed : api::Phase::Reverted);
    expect_no_reservation(world.cluster, "w001");
    if (!mixed) continue;  // where all are on Calico, its blocks may lie anywhere
    for (const auto& [name, affinity] : world.cluster.world.state.affinities) {
      if (affinity.node == "w001") CHECK(world.node.pod_cidrs.front().contains(affinity.cidr));
    }
  }
}

TEST_CASE("a node that is not Ready counts against the budget and moves once it is") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.nodes_down = {"w002"};
  cluster.settle();
  cluster.create(a_migration());
  Driver driver(cluster);
  SECTION("the only place is taken") {
    driver.run();
    CHECK(driver.status().nodes.calico == 0);
    CHECK(driver.status().message.find("w002 is not Ready") != std::string::npos);
  }
  SECTION("there is room for the others") {
    cluster.change_spec(max_unavailable("2"));
    driver.run();
    CHECK(driver.status().nodes.calico == 2);
    CHECK(driver.phase() != api::Phase::Completed);
  }
  cluster.world.faults.nodes_down.clear();
  cluster.settle();
  expect_migrated(driver);
}

TEST_CASE("a node that goes down in any step goes on when it is back") {
  for (int steps = 8; steps < 50; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(3)));
    const auto before = cluster.picture();
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.world.faults.nodes_down = {"w001"};
    for (int i = 0; i < 400; ++i) driver.step();
    cluster.world.faults.nodes_down.clear();
    cluster.edit_node("w001", [](auto& node) { node.ready = true; });
    expect_migrated(driver);
    to_flannel(cluster);
    expect_reverted(cluster, driver, before);
  }
}

TEST_CASE("somebody lifts the cordon of a node that is out") {
  for (int steps = 9; steps < 22; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(2)));
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.edit_node("w001", [](auto& node) { node.unschedulable = false; });
    driver.rules.somebody_uncordons = true;
    expect_migrated(driver);
  }
}

TEST_CASE("an admin's cordon that is lifted during the move is not put back for good") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration(max_unavailable("2")));
  Driver driver(cluster);
  driver.rules.most_out = 2;
  driver.rules.somebody_uncordons = true;
  cluster.edit_node("w002", cordoned());
  driver.step();
  const auto between = [&cluster] {
    const auto* label = node(cluster, "w002").meta.label(api::kNetworkLabel);
    return label != nullptr && *label == "none";
  };
  driver.run_until(between);
  cluster.edit_node("w002", [](auto& node) { node.unschedulable = false; });
  expect_migrated(driver);
  CHECK_FALSE(anything_cordoned(cluster));
}
