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

// An operator that starts anew and does not get to see one kind: for some steps nothing of it is
// known.
struct Blindness {
  const Hidden& hidden;
  Unseen why;
  bool on = false;

  void attach(FakeCluster& cluster, Driver& driver) {
    driver.see = [this, &cluster](const auto& tracked) {
      auto seen = cluster.observe(tracked);
      if (!on) return seen;
      hidden.hide(seen);
      seen.unseen[hidden.kind] = why;
      return seen;
    };
  }
};

constexpr int kBlindSteps = 6;

// Of flannel's ConfigMap, once flannel's DaemonSet was deleted.
bool is_over(const FakeCluster& cluster, const Hidden& hidden) {
  return hidden.kind == kHidden.back().kind &&
         !cluster.world.state.daemon_sets.contains({"kube-flannel", "kube-flannel-ds"}) &&
         cluster.world.state.migrations.front().spec->target == api::Target::Calico;
}

void be_blind_for_a_while(Blindness& blindness, Driver& driver, bool may_write) {
  driver.restart();
  blindness.on = true;
  const int calls = driver.calls;
  for (int i = 0; i < kBlindSteps; ++i) driver.step();
  if (!may_write) CHECK(driver.calls == calls);
  blindness.on = false;
  driver.restart();
}

}  // namespace

TEST_CASE("an operator that does not see a kind writes nothing, and goes on when it does") {
  const auto& hidden = kHidden.at(static_cast<std::size_t>(GENERATE(range(0, 14))));
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  for (int steps = 0; steps < 60; steps += 5 * FM_STRIDE) {
    const auto why = kReasons.at(static_cast<std::size_t>(steps) % kReasons.size());
    CAPTURE(hidden.kind, steps, wanted == api::Target::Calico);
    FakeCluster cluster(a_flannel_cluster(nodes(3), control_planes(1)));
    const auto before = cluster.picture();
    cluster.create(a_migration());
    Driver driver(cluster);
    Blindness blindness{hidden, why};
    blindness.attach(cluster, driver);
    begin(cluster, driver, wanted);
    for (int i = 0; i < steps; ++i) driver.step();
    be_blind_for_a_while(blindness, driver, is_over(cluster, hidden));
    if (wanted == api::Target::Calico) {
      expect_migrated(driver);
    } else {
      expect_reverted(cluster, driver, before);
    }
  }
}

TEST_CASE("a migration that does not see a kind is Blocked by the right that is missing") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  Blindness blindness{kHidden.front(), Unseen::Refused};
  blindness.attach(cluster, driver);
  driver.step();
  driver.run_until([&] { return driver.status().nodes.calico == 1; });
  const auto progress = driver.status().progress;
  blindness.on = true;
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK_THAT(driver.status().message, Catch::Contains("not allowed: list and watch nodes"));
  CHECK(driver.status().progress == progress);
  CHECK(driver.status().condition("PreflightPassed")->status == api::ConditionStatus::False);
  // Nor does the object go: what was moved would be left half-way.
  cluster.delete_migration();
  driver.run();
  CHECK(cluster.world.state.migrations.size() == 1);
  blindness.on = false;
  driver.run();
  CHECK(cluster.world.state.migrations.empty());
  CHECK_FALSE(anything_cordoned(cluster));
}

TEST_CASE("flannel's ConfigMap is of no concern any more when flannel was deleted") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  Blindness blindness{kHidden.back(), Unseen::Refused};
  blindness.attach(cluster, driver);
  driver.run();
  blindness.on = true;
  driver.run();
  CHECK(driver.phase() == api::Phase::Completed);
  to_flannel(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
}

TEST_CASE("a ConfigMap of another FlannelMigration that may not be read stops nothing") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  const Hidden other{"configmap elsewhere/calico-config", [](ClusterState&) {}};
  Blindness blindness{other, Unseen::Refused, true};
  blindness.attach(cluster, driver);
  expect_migrated(driver);
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
