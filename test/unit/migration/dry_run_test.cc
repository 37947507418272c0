// A plan that is asked for and not carried out (ClusterState::dry_run).
#include "fakes/build/cluster.h"
#include "migration/planner.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace migration;
using namespace build;

namespace {

const std::string kHow = "to carry it out: kubectl apply -f cr.yaml";

Plan rehearsed(const api::FlannelMigration& migration) {
  auto cluster = a_flannel_cluster(nodes(3));
  cluster.migrations = {migration};
  cluster.dry_run = kHow;
  return plan(cluster, start_time());
}

}  // namespace

TEST_CASE("a plan that is only asked for writes nothing, and says how to have it carried out") {
  const auto answer = rehearsed(a_migration());
  const auto& status = answer.statuses.at(answer.active);
  CHECK(answer.tasks.empty());
  CHECK(status.phase == api::Phase::Planned);
  CHECK(status.message == "nothing was written; " + kHow);
  CHECK(status.condition("Progressing")->message == status.message);
  CHECK(status.condition("Paused")->status == api::ConditionStatus::False);
}

TEST_CASE("a plan that is only asked for tells that its object would be paused") {
  const auto answer = rehearsed(a_migration(paused()));
  const auto& status = answer.statuses.at(answer.active);
  CHECK(status.phase == api::Phase::Paused);
  CHECK(status.message == "nothing was written; " + kHow);
  CHECK(status.condition("Paused")->reason == "SpecPaused");
}

TEST_CASE("an object of mode Plan says itself how to go on") {
  const auto answer = rehearsed(a_migration(plan_only()));
  const auto& status = answer.statuses.at(answer.active);
  CHECK(status.message == "plan only: set spec.mode to Run to carry it out");
  CHECK(status.condition("Paused")->reason == "PlanOnly");
}

TEST_CASE("a plan that is only asked for tells of nodes without a network") {
  auto cluster = a_flannel_cluster(nodes(3));
  auto& node = cluster.nodes.at("w001").node;
  node = a_node("w001", without_flannel());
  cluster.daemon_sets.erase({"kube-flannel", "kube-flannel-ds"});
  cluster.migrations = {a_migration(target(api::Target::Flannel))};
  cluster.dry_run = kHow;
  const auto answer = plan(cluster, start_time());
  const auto& findings = answer.statuses.at(answer.active).preflight;
  CHECK(std::any_of(findings.begin(), findings.end(),
                    [](const auto& finding) { return finding.id == "NodeNetwork"; }));
}
