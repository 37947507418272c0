#include "api/names.h"
#include "scenario/expect.h"

#include <algorithm>

using namespace build;
using namespace scenario;

namespace {

bool lets_go(const migration::Plan& plan) {
  return std::any_of(plan.tasks.begin(), plan.tasks.end(), [](const auto& task) {
    return std::holds_alternative<migration::SetFinalizer>(task.actions.back());
  });
}

}  // namespace

TEST_CASE("a paused migration brings its nodes into service, does nothing more, and goes on") {
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  for (int steps = 0; steps < 60; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(3), control_planes(1)));
    const auto before = cluster.picture();
    cluster.create(a_migration());
    Driver driver(cluster);
    begin(cluster, driver, wanted);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.change_spec([](auto& spec) { spec.paused = true; });
    driver.run();
    CHECK_FALSE(anything_cordoned(cluster));
    const auto paused_at = cluster.picture();
    driver.run();
    CHECK(paused_at == cluster.picture());
    cluster.change_spec([](auto& spec) { spec.paused = false; });
    if (wanted == api::Target::Calico) {
      expect_migrated(driver);
    } else {
      expect_reverted(cluster, driver, before);
    }
  }
}

TEST_CASE("a paused migration changes its mind") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  for (int i = 0; i < 16; ++i) driver.step();
  cluster.change_spec([](auto& spec) {
    spec.paused = true;
    spec.target = api::Target::Flannel;
  });
  driver.run();
  CHECK_FALSE(anything_cordoned(cluster));
  cluster.change_spec([](auto& spec) { spec.paused = false; });
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a pause hides no end that is reached") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  cluster.change_spec([](auto& spec) { spec.paused = true; });
  driver.run();
  CHECK(driver.phase() == api::Phase::Completed);
  cluster.change_spec([](auto& spec) { spec.target = api::Target::Flannel; });
  driver.run();
  CHECK(driver.phase() == api::Phase::Paused);
  cluster.change_spec([](auto& spec) { spec.paused = false; });
  driver.run();
  cluster.change_spec([](auto& spec) { spec.paused = true; });
  driver.run();
  CHECK(driver.phase() == api::Phase::Reverted);
}

TEST_CASE("nodes' data that is ready is said to be, until the end and in a pause") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  const auto ready = [&driver] {
    return driver.status().condition("IPAMReady")->status == api::ConditionStatus::True;
  };
  driver.step();
  driver.run_until(ready);
  for (const bool paused : {false, true, false}) {
    cluster.change_spec([paused](auto& spec) { spec.paused = paused; });
    for (int i = 0; i < 8; ++i) {
      driver.step();
      CAPTURE(paused, i, driver.status().message);
      CHECK(ready());
    }
  }
  driver.run();
  CHECK(ready());
}

TEST_CASE("nothing is begun before all pods were looked at, and a restart takes no word back") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  bool listed = false;
  driver.see = [&](const auto& tracked) {
    auto seen = cluster.observe(tracked);
    if (!listed) seen.lone_pods.reset();
    return seen;
  };
  driver.run();
  CHECK(driver.phase() == api::Phase::Preflight);
  CHECK(driver.last().all_pods);
  CHECK(driver.calls == 0);
  // A plan is told at once, and what they add to it a little later.
  cluster.change_spec(plan_only());
  driver.run();
  CHECK(driver.phase() == api::Phase::Planned);
  CHECK(driver.last().all_pods);
  driver.restart();
  cluster.change_spec([](auto& spec) { spec.mode = api::Mode::Run; });
  driver.run();
  CHECK(driver.phase() == api::Phase::Planned);
  CHECK(driver.calls == 0);
  listed = true;
  expect_migrated(driver);
  CHECK_FALSE(driver.last().all_pods);
}

TEST_CASE("in mode Plan nothing is written") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.create(a_migration(plan_only()));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.calls == 0);
  CHECK(driver.phase() == api::Phase::Planned);
  CHECK(driver.status().plan.order.size() == 3);
  CHECK(before == cluster.picture());
  cluster.change_spec([](auto& spec) { spec.mode = api::Mode::Run; });
  expect_migrated(driver);
}

TEST_CASE("a deleted migration leaves nothing cordoned, and a new one goes on") {
  for (int steps = 0; steps < 60; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(3), control_planes(1)));
    const auto before = cluster.picture();
    cluster.create(a_migration());
    Driver driver(cluster);
    for (int i = 0; i < steps; ++i) driver.step();
    cluster.delete_migration();
    driver.run();
    CHECK(cluster.world.state.migrations.empty());
    CHECK_FALSE(anything_cordoned(cluster));
    for (const auto& [name, node] : cluster.world.state.nodes) CHECK(node.agents.empty());
    if (steps % 2 == 0) {
      cluster.create(a_migration());
      expect_migrated(driver);
    } else {
      cluster.create(a_migration(target(api::Target::Flannel)));
      expect_reverted(cluster, driver, before);
    }
  }
}

TEST_CASE("a second object says that it is not the one, and does nothing") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  auto second = a_migration(target(api::Target::Flannel));
  second.meta.name = "another";
  cluster.world.now += base::Duration(1'000);
  cluster.create(second);
  Driver driver(cluster);
  expect_migrated(driver);
  const auto& status = driver.last().statuses.at("another");
  CHECK(status.phase == api::Phase::Pending);
  CHECK(status.message.find("default was here before") != std::string::npos);
}

TEST_CASE("a spec that cannot be read is told, and nothing is done") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  auto migration = a_migration();
  migration.spec = base::fail(base::ErrorKind::Invalid, "spec.rollout.maxUnavailable: what");
  cluster.create(migration);
  Driver driver(cluster);
  driver.run();
  CHECK(driver.calls == 0);
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("maxUnavailable") != std::string::npos);
}

TEST_CASE("an object whose spec cannot be read any more can be deleted") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  for (int i = GENERATE(12, 16, 20, 24, 200); i > 0; --i) driver.step();
  REQUIRE_FALSE(cluster.world.migration().meta.finalizers.empty());
  cluster.world.migration().spec = base::fail(base::ErrorKind::Invalid, "spec.mode: what");
  cluster.delete_migration();
  driver.run();
  CHECK(cluster.world.state.migrations.empty());
  CHECK_FALSE(anything_cordoned(cluster));
}

TEST_CASE("an object does not go while it is not known what became of a node's patch") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  cluster.delete_migration();
  auto seen = cluster.observe({});
  CHECK(lets_go(migration::plan(seen, cluster.world.now)));
  seen.busy.insert(migration::node_key("w001"));
  CHECK_FALSE(lets_go(migration::plan(seen, cluster.world.now)));
}

TEST_CASE("a preflight that blocks writes nothing") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.world.state.config_maps.at({"kube-flannel", "kube-flannel-cfg"}).data["net-conf.json"] =
      R"({"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}})";
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  CHECK(driver.calls == 0);
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("host-gw") != std::string::npos);
}
