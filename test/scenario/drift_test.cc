// What others change under a migration, or after its end.
#include "api/names.h"
#include "scenario/expect.h"

#include <algorithm>
#include <map>

using namespace build;
using namespace scenario;

namespace {

const api::ObjectKey kCalico{"kube-system", "calico-node"};

bool is_moving(const FakeCluster& cluster, const std::string& name) {
  return cluster.world.state.nodes.at(name).node.meta.label(api::kInProgressLabel) != nullptr;
}

// Answers what it was; empty: there was none.
std::string take_label(FakeCluster& cluster, const std::string& name) {
  const auto* label = node(cluster, name).meta.label(api::kNetworkLabel);
  std::string was = label == nullptr ? "" : *label;
  cluster.edit_node(
      name, [](auto& edited) { edited.meta.labels.erase(std::string(api::kNetworkLabel)); });
  return was;
}

// How many steps it takes until the first node is taken out of service.
int steps_to_first_cordon(const migration::ClusterState& start) {
  FakeCluster cluster(start);
  cluster.create(a_migration());
  Driver driver(cluster);
  while (!is_moving(cluster, "w001")) driver.step();
  return driver.steps;
}

}  // namespace

TEST_CASE("where Calico's DaemonSet has gone after the end, nothing is written") {
  const bool deleting = GENERATE(false, true);
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  driver.check_rules = false;
  auto set = cluster.world.state.daemon_sets.at(kCalico);
  set.meta.deleting = cluster.world.now;
  cluster.world.state.daemon_sets.erase(kCalico);
  if (deleting) cluster.world.state.daemon_sets[kCalico] = set;
  const int calls = driver.calls;
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("kube-system/calico-node") != std::string::npos);
  CHECK(driver.calls == calls);
  set.meta.deleting.reset();
  cluster.world.state.daemon_sets[kCalico] = set;
  expect_migrated(driver);
}

TEST_CASE("without flannel's DaemonSet no node on flannel is taken for a new one") {
  const api::ObjectKey flannel{"kube-flannel", "kube-flannel-ds"};
  for (int steps = 2; steps < 40; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(3)));
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    const auto set = cluster.world.state.daemon_sets.at(flannel);
    const bool needed = driver.status().nodes.flannel > 0;
    cluster.world.state.daemon_sets.erase(flannel);
    for (int i = 0; i < 8; ++i) driver.step();
    if (needed) CHECK(driver.phase() == api::Phase::Blocked);
    cluster.world.state.daemon_sets[flannel] = set;
    expect_migrated(driver);
  }
}

TEST_CASE("what others change after the end is theirs") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  cluster.world.state.ipam_config->strict_affinity = true;
  auto& set = cluster.world.state.daemon_sets.at(kCalico);
  set.update_strategy_json = R"({"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"7%"}})";
  const int calls = driver.calls;
  expect_migrated(driver);
  CHECK(driver.calls == calls);
}

TEST_CASE("after the end, a node that Calico's own DaemonSet does not want is nobody's") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  driver.check_rules = false;
  auto& set = cluster.world.state.daemon_sets.at(kCalico);
  set.node_selector["kubernetes.io/hostname"] = "w001";
  cluster.settle();
  const int calls = driver.calls;
  driver.run();
  CHECK(driver.phase() == api::Phase::Completed);
  CHECK(driver.calls == calls);
}

TEST_CASE("nodes out of service are finished although the rest cannot go on") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  while (!is_moving(cluster, "w001")) driver.step();
  for (int i = GENERATE(0, 2, 4, 6); i > 0; --i) driver.step();
  auto& blocks = cluster.world.state.blocks;
  const auto block = std::find_if(blocks.begin(), blocks.end(), [](const auto& entry) {
    return entry.second.affinity == "host:w003";
  });
  REQUIRE(block != blocks.end());
  block->second.affinity = "host:w009";
  driver.check_rules = false;
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("calicoctl ipam release") != std::string::npos);
  CHECK_FALSE(anything_cordoned(cluster));
  block->second.affinity = "host:w003";
  driver.check_rules = true;
  expect_migrated(driver);
}

TEST_CASE("a pool that somebody edits half-way holds the migration, and says what is wanted") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  driver.run_until([&driver] { return driver.status().nodes.calico == 1; });
  auto& pool = cluster.world.state.pools.at("default-ipv4-ippool");
  pool.vxlan_mode = "Never";
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("IPPool default-ipv4-ippool: spec.vxlanMode") !=
        std::string::npos);
  CHECK_FALSE(anything_cordoned(cluster));
  SECTION("it is put right") { pool.vxlan_mode = "Always"; }
  SECTION("or the migration is reverted all the same") { to_flannel(cluster); }
  expect_end(driver, cluster.world.spec().target == api::Target::Flannel ? api::Phase::Reverted
                                                                         : api::Phase::Completed);
}

TEST_CASE("a revert takes every node that has left flannel, selected or not") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  for (int i = GENERATE(14, 24, 200); i > 0; --i) driver.step();
  cluster.change_spec([](auto& spec) {
    spec.target = api::Target::Flannel;
    spec.rollout.node_selector = {{"kubernetes.io/hostname", "w003"}};
  });
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a node whose first patch got no answer counts as out of service") {
  const auto start = a_flannel_cluster(nodes(3));
  FakeCluster cluster(start);
  cluster.create(a_migration());
  Driver driver(cluster);
  for (int i = steps_to_first_cordon(start) - 1; i > 0; --i) driver.step();
  auto seen = cluster.observe({});
  const auto starts = [&seen, &cluster] {
    std::vector<std::string> keys;
    for (const auto& task : migration::plan(seen, cluster.world.now).tasks)
      keys.push_back(task.key);
    return keys;
  };
  CHECK(starts() == std::vector<std::string>{"node/w001"});
  seen.busy = {"node/w001"};
  CHECK(starts().empty());
}

TEST_CASE("a node whose network label is taken away gets it back, or is asked for") {
  const auto* name = GENERATE("w001", "w002");
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  for (int steps = 0; steps < 50; steps += FM_STRIDE) {
    CAPTURE(name, steps);
    FakeCluster cluster(a_flannel_cluster(nodes(3)));
    cluster.create(a_migration());
    Driver driver(cluster);
    begin(cluster, driver, wanted);
    for (int i = 0; i < steps; ++i) driver.step();
    const bool known = journal_of(node(cluster, name)).has_value();
    const auto label = take_label(cluster, name);
    driver.run();
    CHECK_FALSE(anything_cordoned(cluster));
    if (driver.phase() == api::Phase::Blocked) {
      CHECK_FALSE(known);
      CHECK(driver.status().message.find("NodeLabel") == 0);
      cluster.edit_node(name, with_label(api::kNetworkLabel, label));
    }
    expect_end(driver,
               wanted == api::Target::Calico ? api::Phase::Completed : api::Phase::Reverted);
  }
}

TEST_CASE("of nodes that all lose their label those are asked for that have not begun to move") {
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  driver.run_until([&driver] { return driver.status().nodes.calico == 2; });
  std::map<std::string, std::string> labels;
  for (const auto* name : {"w001", "w002", "w003", "w004"}) {
    const auto label = take_label(cluster, name);
    if (!journal_of(node(cluster, name))) labels[name] = label;
  }
  REQUIRE(labels == std::map<std::string, std::string>{{"w004", "flannel"}});
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("NodeLabel") == 0);
  CHECK(driver.status().message.find("they are on: w004;") != std::string::npos);
  cluster.edit_node("w004", with_label(api::kNetworkLabel, labels["w004"]));
  expect_migrated(driver);
}
