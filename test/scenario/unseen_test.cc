// A kind that cannot be seen for a while, at any moment of a migration.
#include "scenario/expect.h"

#include <array>

using namespace build;
using namespace scenario;
using migration::ClusterState;
using migration::Unseen;

namespace {

struct Hidden {
  const char* kind;
  void (*hide)(ClusterState&);
};

const std::vector<Hidden> kHidden = {
    {"nodes", [](ClusterState& c) { c.nodes.clear(); }},
    {"daemonsets", [](ClusterState& c) { c.daemon_sets.clear(); }},
    {"ippools", [](ClusterState& c) { c.pools.clear(); }},
    {"felixconfigurations", [](ClusterState& c) { c.felix.reset(); }},
    {"ipamconfigs", [](ClusterState& c) { c.ipam_config.reset(); }},
    {"ipamblocks", [](ClusterState& c) { c.blocks.clear(); }},
    {"blockaffinities", [](ClusterState& c) { c.affinities.clear(); }},
    {"ipamhandles", [](ClusterState& c) { c.handles.clear(); }},
    {"clusterinformations", [](ClusterState& c) { c.cluster_information.reset(); }},
    {"the agent's pods",
     [](ClusterState& c) {
       for (auto& [name, node] : c.nodes) node.agents.clear();
     }},
    {"pods",
     [](ClusterState& c) {
       for (auto& [name, node] : c.nodes) node.pods.reset();
       c.far_pods.reset();
       c.lone_pods.reset();
     }},
    {"configmap flannel-migration/flannel-migration-originals",
     [](ClusterState& c) {
       c.config_maps.erase({"flannel-migration", "flannel-migration-originals"});
     }},
    {"configmap kube-system/calico-config",
     [](ClusterState& c) {
       c.config_maps.erase({"kube-system", "calico-config"});
     }},
    {"configmap kube-flannel/kube-flannel-cfg",
     [](ClusterState& c) {
       c.config_maps.erase({"kube-flannel", "kube-flannel-cfg"});
     }},
};

constexpr std::array kReasons{Unseen::Refused, Unseen::NotListed, Unseen::Lost};

// A migration whose operator starts anew, at times, and does not get to see one kind: while it is
// `blind` nothing of it is known.
struct BlindOperator {
  FakeCluster cluster;
  const Picture before;
  Driver driver{cluster};
  const Hidden hidden;
  const Unseen why;
  bool blind = false;

  BlindOperator(const ClusterState& start, Hidden kind, Unseen reason = Unseen::Refused)
      : cluster(start), before(cluster.picture()), hidden(kind), why(reason) {
    cluster.create(a_migration());
    driver.see = [this](const auto& tracked) { return see(tracked); };
  }

  ClusterState see(const std::set<std::string>& tracked) const {
    auto seen = cluster.observe(tracked);
    if (!blind) return seen;
    hidden.hide(seen);
    seen.unseen[hidden.kind] = why;
    return seen;
  }

  void be_blind_for_a_while();
};

constexpr int kBlindSteps = 6;

// Of flannel's ConfigMap, once flannel's DaemonSet was deleted.
bool is_over(const BlindOperator& it) {
  const auto& world = it.cluster.world;
  return it.hidden.kind == kHidden.back().kind &&
         !world.state.daemon_sets.contains({"kube-flannel", "kube-flannel-ds"}) &&
         world.state.migrations.front().spec->target == api::Target::Calico;
}

void BlindOperator::be_blind_for_a_while() {
  driver.restart();
  blind = true;
  const int calls = driver.calls;
  const bool may_write = is_over(*this);
  for (int i = 0; i < kBlindSteps; ++i) driver.step();
  if (!may_write) CHECK(driver.calls == calls);
  blind = false;
  driver.restart();
}

}  // namespace

TEST_CASE("an operator that does not see a kind writes nothing, and goes on when it does") {
  const auto& hidden = kHidden.at(static_cast<std::size_t>(GENERATE(range(0, 14))));
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  for (int steps = 0; steps < 60; steps += 5 * FM_STRIDE) {
    const auto why = kReasons.at(static_cast<std::size_t>(steps) % kReasons.size());
    CAPTURE(hidden.kind, steps, wanted == api::Target::Calico);
    BlindOperator it(a_flannel_cluster(nodes(3), control_planes(1)), hidden, why);
    begin(it.cluster, it.driver, wanted);
    for (int i = 0; i < steps; ++i) it.driver.step();
    it.be_blind_for_a_while();
    if (wanted == api::Target::Calico) {
      expect_migrated(it.driver);
    } else {
      expect_reverted(it.cluster, it.driver, it.before);
    }
  }
}

TEST_CASE("a migration that does not see a kind is Blocked by the right that is missing") {
  BlindOperator it(a_flannel_cluster(nodes(3)), kHidden.front());
  auto& cluster = it.cluster;
  auto& driver = it.driver;
  driver.step();
  driver.run_until([&] { return driver.status().nodes.calico == 1; });
  const auto progress = driver.status().progress;
  it.blind = true;
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK_THAT(driver.status().message, Catch::Contains("not allowed: list and watch nodes"));
  CHECK(driver.status().progress == progress);
  CHECK(driver.status().condition("PreflightPassed")->status == api::ConditionStatus::False);
  // Nor does the object go: what was moved would be left half-way.
  cluster.delete_migration();
  driver.run();
  CHECK(cluster.world.state.migrations.size() == 1);
  it.blind = false;
  driver.run();
  CHECK(cluster.world.state.migrations.empty());
  CHECK_FALSE(anything_cordoned(cluster));
}

TEST_CASE("flannel's ConfigMap is of no concern any more when flannel was deleted") {
  BlindOperator it(a_flannel_cluster(nodes(2)), kHidden.back());
  auto& cluster = it.cluster;
  auto& driver = it.driver;
  driver.run();
  it.blind = true;
  driver.run();
  CHECK(driver.phase() == api::Phase::Completed);
  to_flannel(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
}

TEST_CASE("a ConfigMap of another FlannelMigration that may not be read stops nothing") {
  const Hidden other{"configmap elsewhere/calico-config", [](ClusterState&) {}};
  BlindOperator it(a_flannel_cluster(nodes(2)), other);
  it.blind = true;
  expect_migrated(it.driver);
}

TEST_CASE("a node that the watch of nodes has not told yet is not taken for one that has gone") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  driver.run_until([&] { return driver.status().nodes.calico == 1; });
  const auto version = cluster.observe({}).nodes_version;
  for (auto& [cidr, block] : cluster.world.state.blocks) {
    if (block.affinity == "host:w003") cluster.world.touch(block.meta);
  }
  const auto deletes = [&](const std::string& nodes_version) {
    auto seen = cluster.observe({});
    seen.nodes.erase("w003");
    seen.nodes_version = nodes_version;
    const auto plan = migration::plan(seen, cluster.world.now);
    return std::any_of(plan.tasks.begin(), plan.tasks.end(),
                       [](const auto& task) { return task.key == "gone/w003"; });
  };
  CHECK_FALSE(deletes(version));
  CHECK(deletes(cluster.observe({}).nodes_version));
}
