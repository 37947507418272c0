#include "migration/status/status.h"

#include "api/names.h"
#include "migration/planner.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

api::MigrationStatus status_of(const Surveyed& seen, const StageReport& stage = {},
                               bool holding = false, const std::string& error = {}) {
  return make_status({seen.survey, {}, stage, holding, error});
}

// A node that arrived that many seconds after the start.
void arrive(ClusterState& cluster, const std::string& name, int seconds) {
  Journal journal;
  journal.step = Step::Done;
  journal.since = start_time() + std::chrono::seconds(seconds);
  auto& node = cluster.nodes.at(name).node;
  with_journal(journal)(node);
  on_network(Network::Calico)(node);
}

// Of five nodes two, 20 s after each other.
ClusterState two_of_five_arrived() {
  auto cluster = a_flannel_cluster(nodes(5));
  arrive(cluster, "w001", 10);
  arrive(cluster, "w002", 30);
  return cluster;
}

StageReport rolling() {
  StageReport stage;
  stage.rollout = RolloutReport{};
  return stage;
}

}  // namespace

TEST_CASE("every condition is always there, in one order") {
  const Surveyed seen(a_flannel_cluster(nodes(1)));
  std::vector<std::string> types;
  for (const auto& one : status_of(seen).conditions) types.push_back(one.type);
  CHECK(types == std::vector<std::string>{"PreflightPassed", "IPAMReady", "Progressing", "Paused",
                                          "Degraded", "Completed", "Clean"});
}

TEST_CASE("a condition keeps the time of its last transition") {
  auto migration = a_migration(paused());
  const Surveyed first(a_flannel_cluster(nodes(1)), migration, start_time());
  migration.status = status_of(first);
  CHECK(migration.status.condition("Paused")->last_transition == start_time());
  const auto later = start_time() + base::Duration(60'000);
  const Surveyed second(a_flannel_cluster(nodes(1)), migration, later);
  CHECK(status_of(second).condition("Paused")->last_transition == start_time());
  migration.spec->paused = false;
  const Surveyed third(a_flannel_cluster(nodes(1)), migration, later);
  CHECK(status_of(third).condition("Paused")->last_transition == later);
  CHECK(status_of(third).condition("Degraded")->last_transition == start_time());
}

TEST_CASE("the time left follows from the pace so far") {
  const auto now = start_time() + base::Duration(50'000);
  const Surveyed seen(two_of_five_arrived(), a_migration(), now);
  const auto status = status_of(seen, rolling());
  // One node in 40 s behind the first; three are left.
  CHECK(status.eta == "2m");
  CHECK(status.estimated_completion_time == now + base::Duration(120'000));
  CHECK(status.progress == "2/5");
  CHECK(status_of(seen, rolling(), true).eta.empty());
  auto waiting = rolling();
  waiting.rollout->further_starts = Outcome::waiting("canary nodes soak until tomorrow");
  CHECK(status_of(seen, waiting).eta.empty());
  waiting.rollout->moving["w003"] = {};
  CHECK(status_of(seen, waiting).eta == "2m");
}

TEST_CASE("a node that has its network but not yet all is among those that are left") {
  auto cluster = two_of_five_arrived();
  auto& node = cluster.nodes.at("w003").node;
  with_label(api::kInProgressLabel, "true")(node);
  on_network(Network::Calico)(node);
  const Surveyed seen(cluster, a_migration(), start_time() + base::Duration(50'000));
  CHECK(status_of(seen, rolling()).eta == "2m");
}

TEST_CASE("an estimate that hardly moves stays as it was told") {
  const auto at = [](int seconds, const api::FlannelMigration& migration) {
    const auto now = start_time() + std::chrono::milliseconds(seconds * 1000 + 7);
    const Surveyed seen(two_of_five_arrived(), migration, now);
    return status_of(seen, rolling());
  };
  auto migration = a_migration();
  migration.status = at(50, migration);
  CHECK(at(53, migration).eta == "2m");
  CHECK(at(53, migration).estimated_completion_time == start_time() + std::chrono::seconds(170));
  CHECK(at(53, migration).estimated_completion_time == migration.status.estimated_completion_time);
  CHECK(at(80, migration).eta == "3m30s");
}

TEST_CASE("one node alone tells no pace") {
  auto cluster = a_flannel_cluster(nodes(3));
  arrive(cluster, "w001", 10);
  auto stage = rolling();
  const Surveyed seen(cluster, a_migration(), start_time() + base::Duration(50'000));
  CHECK(status_of(seen, stage).eta.empty());
}

TEST_CASE("the plan shows the first fifty nodes") {
  const Surveyed seen(a_flannel_cluster(nodes(60)));
  const auto status = status_of(seen);
  CHECK(status.plan.nodes == 60);
  CHECK(status.plan.order.size() == 50);
}

TEST_CASE("of the nodes in flight those out of service are named first, fifty at most") {
  const Surveyed seen(a_flannel_cluster(nodes(60)));
  auto stage = rolling();
  for (int i = 0; i < 60; ++i) {
    MoveReport move;
    move.step = i == 59 ? Step::Verify : Step::Refresh;
    stage.rollout->moving["w" + std::to_string(100 + i)] = move;
  }
  const auto status = status_of(seen, stage);
  REQUIRE(status.active.size() == 50);
  CHECK(status.active.front().name == "w159");
  CHECK(status.active.front().step == "Verify");
}

TEST_CASE("the message names the node that is worked on, and the last error") {
  const Surveyed seen(a_flannel_cluster(nodes(2)));
  auto stage = rolling();
  MoveReport move;
  move.step = Step::Hand;
  move.message = "waiting";
  stage.rollout->moving["w001"] = move;
  CHECK(status_of(seen, stage, false, "node/w002: it broke").message ==
        "w001: HandOver: waiting; last error: node/w002: it broke");
}

TEST_CASE("a long message is cut between characters") {
  std::string error = GENERATE("", "x", "xx");
  for (int i = 0; i < 1'000; ++i) error += "\u20ac";
  const Surveyed seen(a_flannel_cluster(nodes(2)));
  const auto message = status_of(seen, rolling(), false, error).message;
  CHECK(message.size() <= 1'024);
  CHECK(message.ends_with("\u20ac..."));
}

TEST_CASE("whether a revert is possible is told") {
  const Surveyed fresh(a_flannel_cluster(nodes(1)));
  CHECK(status_of(fresh).revertible.possible);
  CHECK(status_of(fresh).revertible.message == "nothing is changed");
  auto cluster = a_flannel_cluster(nodes(1));
  const auto map = a_config_map("flannel-migration", "flannel-migration-originals", {});
  cluster.config_maps[api::key_of(map.meta)] = map;
  const Surveyed back(cluster, a_migration(target(api::Target::Flannel)));
  CHECK(status_of(back).revertible.message == "a revert is under way");
  cluster.daemon_sets.erase({"kube-flannel", "kube-flannel-ds"});
  const Surveyed lost(cluster);
  CHECK_FALSE(status_of(lost).revertible.possible);
}

TEST_CASE("without a FlannelMigration nothing is planned") {
  const auto planned = plan(a_flannel_cluster(nodes(3)), start_time());
  CHECK(planned.tasks.empty());
  CHECK(planned.statuses.empty());
}

TEST_CASE("the same input gives the same plan") {
  auto cluster = a_flannel_cluster(nodes(20), control_planes(3));
  cluster.migrations.push_back(a_migration());
  const auto first = plan(cluster, start_time());
  const auto second = plan(cluster, start_time());
  CHECK(first.tasks == second.tasks);
  CHECK(first.statuses == second.statuses);
}
