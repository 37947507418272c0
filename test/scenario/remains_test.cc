// What of flannel cannot be removed at the end.
#include "migration/facts/remains.h"

#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

const api::Condition& clean(const Driver& driver) { return *driver.status().condition("Clean"); }

AgentFault never_finalized(std::string node) {
  return {std::move(node), api::AgentOperation::Finalize, api::AgentResult::Failed, {}, 99};
}

// Completed, with remains on w002.
struct Remains {
  FakeCluster cluster{a_flannel_cluster(nodes(3))};
  const Picture before = cluster.picture();
  Driver driver{cluster};

  Remains() {
    cluster.world.faults.agents = {never_finalized("w002")};
    cluster.create(a_migration());
    expect_migrated(driver);
  }
};

}  // namespace

TEST_CASE("a migration that leaves nothing behind is Clean at its end") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  CHECK(clean(driver).status == api::ConditionStatus::False);
  CHECK(clean(driver).reason == "NotYet");
  expect_migrated(driver);
  CHECK(clean(driver).status == api::ConditionStatus::True);
}

TEST_CASE("what stays behind on a node is told for as long as a person has not looked at it") {
  Remains it;
  SECTION("by the operator that has found it") {}
  SECTION("by the next one") { it.driver.restart(); }
  SECTION("of an object that was created again") {
    it.cluster.delete_migration();
    it.driver.run();
    REQUIRE(it.cluster.world.state.migrations.empty());
    it.cluster.create(a_migration());
  }
  it.driver.run();
  CHECK(it.driver.phase() == api::Phase::Completed);
  CHECK(clean(it.driver).status == api::ConditionStatus::False);
  CHECK(clean(it.driver).reason == "RemainsOnNodes");
  CHECK_THAT(clean(it.driver).message,
             Catch::Contains("1 node: w002") &&
                 Catch::Contains("kubectl annotate node w002 cni-migration.io/remains-"));
  CHECK_THAT(it.driver.status().message, Catch::Contains("remains stay on 1 node: w002"));
  it.cluster.edit_node("w002", [](auto& node) {
    node.meta.annotations.erase(std::string(api::kRemainsAnnotation));
  });
  it.driver.run();
  CHECK(clean(it.driver).status == api::ConditionStatus::True);
}

TEST_CASE("a revert takes away what was said of remains, and the next migration looks again") {
  Remains it;
  to_flannel(it.cluster);
  expect_reverted(it.cluster, it.driver, it.before);
  CHECK(clean(it.driver).status == api::ConditionStatus::True);
  it.cluster.world.faults.agents.clear();
  to_calico(it.cluster);
  expect_migrated(it.driver);
  CHECK(clean(it.driver).status == api::ConditionStatus::True);
}
