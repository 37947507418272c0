#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

migration::ClusterState small_cluster() {
  return a_flannel_cluster(nodes(3), control_planes(1), operator_on("w002"));
}

// How many steps a whole migration takes.
int length_of(const migration::ClusterState& state, const api::FlannelMigration& migration) {
  FakeCluster cluster(state);
  cluster.create(migration);
  Driver driver(cluster);
  driver.rules.agents_may_cut = true;
  driver.run();
  return driver.steps;
}

// Turned round after so many steps.
void revert_after(const migration::ClusterState& state, const api::FlannelMigration& migration,
                  int steps) {
  CAPTURE(steps);
  FakeCluster cluster(state);
  const auto before = cluster.picture();
  cluster.create(migration);
  Driver driver(cluster);
  driver.rules.agents_may_cut = migration.spec->rollout.method == api::Method::Drain;
  for (int i = 0; i < steps; ++i) driver.step();
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

}  // namespace

TEST_CASE("in both directions a node counts as there once it is in service") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  for (const auto wanted : {api::Target::Calico, api::Target::Flannel}) {
    to(cluster, wanted);
    bool refreshing = false;
    while (driver.step()) {
      const auto& counts = driver.status().nodes;
      CAPTURE(counts.flannel, counts.migrating, counts.calico);
      CHECK(counts.flannel + counts.migrating + counts.calico == 3);
      refreshing = refreshing || counts.refreshing > 0;
    }
    CHECK(refreshing);
    CHECK(driver.status().progress == "3/3");
  }
}

TEST_CASE("a migration is reverted from every state") {
  const auto how = GENERATE(api::Method::HandOver, api::Method::Drain);
  const auto migration = a_migration(method(how));
  const int length = length_of(small_cluster(), migration);
  for (int steps = 0; steps <= length; steps += FM_STRIDE)
    revert_after(small_cluster(), migration, steps);
}

TEST_CASE("a migration of Canal is reverted from every state") {
  const auto state = a_flannel_cluster(nodes(2), canal());
  const auto migration = a_migration(method(GENERATE(api::Method::HandOver, api::Method::Drain)));
  const int length = length_of(state, migration);
  for (int steps = 0; steps <= length; steps += FM_STRIDE) revert_after(state, migration, steps);
}

TEST_CASE("the status of a drained Canal's node names what its agent does") {
  FakeCluster cluster(a_flannel_cluster(nodes(2), canal()));
  cluster.create(a_migration(method(api::Method::Drain)));
  Driver driver(cluster);
  driver.rules.agents_may_cut = true;
  std::set<std::string> seen;
  driver.before = [&](int step) {
    if (step < 2) return;
    for (const auto& node : driver.status().active) seen.insert(node.step);
  };
  driver.run();
  CHECK(seen.contains("CutOver"));
  to_flannel(cluster);
  driver.run();
  CHECK(seen.contains("HandBack"));
  CHECK_FALSE(seen.contains("CutBack"));
}

TEST_CASE("a migration of two address families is reverted from every state") {
  const auto state = a_flannel_cluster(nodes(2), dual_stack());
  const int length = length_of(state, a_migration());
  for (int steps = 0; steps <= length; steps += FM_STRIDE)
    revert_after(state, a_migration(), steps);
}

TEST_CASE("a revert is turned round again at every state, and again") {
  FakeCluster probe(small_cluster());
  probe.create(a_migration());
  Driver first(probe);
  first.run();
  to_flannel(probe);
  const int forward = first.steps;
  first.run();
  const int back = first.steps - forward;
  for (int steps = 0; steps <= back; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(small_cluster());
    const auto before = cluster.picture();
    cluster.create(a_migration());
    Driver driver(cluster);
    driver.run();
    to_flannel(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    to_calico(cluster);
    expect_migrated(driver);
    to_flannel(cluster);
    expect_reverted(cluster, driver, before);
  }
}

TEST_CASE("forth, back and forth again") {
  FakeCluster cluster(a_flannel_cluster(nodes(5), control_planes(1)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  for (int i = 0; i < 3; ++i) {
    expect_migrated(driver);
    to_flannel(cluster);
    expect_reverted(cluster, driver, before);
    to_calico(cluster);
  }
  expect_migrated(driver);
}

TEST_CASE("the target flips at every step") {
  const int period = GENERATE(1, 2, 3, 5, 7, 11, 17);
  CAPTURE(period);
  FakeCluster cluster(small_cluster());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  for (int i = 0; i < 300; ++i) {
    if (i % period == 0)
      to(cluster, (i / period) % 2 == 0 ? api::Target::Flannel : api::Target::Calico);
    driver.step();
  }
  to_calico(cluster);
  expect_migrated(driver);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("flannel's last rollout restarts as many pods at a time as may be unavailable") {
  FakeCluster cluster(a_flannel_cluster(nodes(10)));
  const auto before = cluster.picture();
  cluster.create(a_migration(max_unavailable("40%")));
  Driver driver(cluster);
  driver.rules.most_out = 4;
  driver.run();
  int most = 0;
  driver.before = [&](int) {
    const auto& sets = cluster.world.state.daemon_sets;
    const auto set = sets.find({"kube-flannel", "kube-flannel-ds"});
    if (set == sets.end() || set->second.update_strategy != "RollingUpdate") return;
    most = std::max(most, set->second.desired - set->second.ready);
  };
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
  CHECK(most == 4);
}

TEST_CASE("reverting what never began changes nothing") {
  FakeCluster cluster(small_cluster());
  const auto before = cluster.picture();
  cluster.create(a_migration(target(api::Target::Flannel)));
  Driver driver(cluster);
  expect_reverted(cluster, driver, before);
  CHECK(driver.calls == 0);
}

TEST_CASE(
    "a pod of Calico's that has an address of flannel's bridge moves before the bridge comes") {
  FakeCluster cluster(small_cluster());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  // Calico gives an address out again once all the others were in use.
  for (auto& [cidr, freed] : cluster.world.freed) freed.clear();
  for (auto& [name, node] : cluster.world.state.nodes) {
    for (auto& [uid, pod] : *node.pods) {
      if (!pod.host_network) pod.meta.deleting = cluster.world.now;
    }
  }
  cluster.settle();
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}
