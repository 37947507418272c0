// spec.rollout.canary: who moves first, and what the others wait for then.
#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

void approve(FakeCluster& cluster) {
  cluster.world.migration().meta.annotations[std::string(api::kApproveAnnotation)] = "true";
  cluster.world.touch(cluster.world.migration().meta);
}

}  // namespace

TEST_CASE("canary nodes soak and wait for an approval") {
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  cluster.create(a_migration([](auto& spec) {
    spec.rollout.canary = {2, base::Duration(600'000), api::Approval::Manual};
  }));
  Driver driver(cluster);
  std::vector<std::string> order;
  watch_order(driver, order);
  driver.run();
  CHECK(order == std::vector<std::string>{"w001", "w002"});
  CHECK(driver.phase() == api::Phase::Migrating);
  CHECK(driver.status().message.find("cni-migration.io/approve=true") != std::string::npos);
  const auto& progressing = *driver.status().condition("Progressing");
  CHECK(progressing.status == api::ConditionStatus::False);
  CHECK(progressing.reason == api::kApprovalNeeded);
  approve(cluster);
  expect_migrated(driver);
  CHECK(order.size() == 4);
  CHECK(cluster.world.migration().meta.annotation(api::kApproveAnnotation) == nullptr);
}

TEST_CASE("an approval that comes while canaries soak is seen to be there") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration([](auto& spec) {
    spec.rollout.canary = {1, base::Duration(600'000), api::Approval::Manual};
  }));
  Driver driver(cluster);
  driver.step();
  const auto says = [&driver](std::string_view words) {
    return driver.status().message.find(words) != std::string::npos;
  };
  driver.run_until([&] { return says("soak until"); });
  CHECK(says("Z, then wait for an approval"));
  approve(cluster);
  driver.step();
  CHECK(says("Z; going on from there is approved"));
  expect_migrated(driver);
}

TEST_CASE("canaries are moved one at a time, the others as many as may be unavailable") {
  FakeCluster cluster(a_flannel_cluster(nodes(6)));
  cluster.create(a_migration(max_unavailable("3"), [](auto& spec) {
    spec.rollout.canary = {3, base::Duration(0), api::Approval::Manual};
  }));
  Driver driver(cluster);
  driver.rules.most_out = 1;
  driver.run();
  CHECK(driver.status().progress == "3/6");
  approve(cluster);
  driver.rules.most_out = 3;
  expect_migrated(driver);
}

TEST_CASE("an approval counts for one migration: turning back uses it up") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration([](auto& spec) {
    spec.rollout.canary = {1, base::Duration(0), api::Approval::Manual};
  }));
  Driver driver(cluster);
  driver.run();
  approve(cluster);
  to_flannel(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Reverted);
  to_calico(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Migrating);
  CHECK(driver.status().message.find("cni-migration.io/approve=true") != std::string::npos);
}

TEST_CASE("canaries that have soaked stay the canaries, whatever becomes of the order") {
  FakeCluster cluster(a_flannel_cluster(nodes(4), operator_on("w001")));
  cluster.create(a_migration([](auto& spec) {
    spec.rollout.canary = {1, base::Duration(86'400'000), api::Approval::Auto};
  }));
  Driver driver(cluster);
  driver.step();
  const auto on_calico = [&driver](int count) {
    return [&driver, count] { return driver.status().nodes.calico == count; };
  };
  driver.run_until(on_calico(2));
  const auto soaked = cluster.world.now;
  // The leader fails over: w001, which comes last, would be the first of the order.
  cluster.world.state.self.node = "w004";
  expect_migrated(driver);
  CHECK(cluster.world.now - soaked < base::Duration(86'400'000));
}
