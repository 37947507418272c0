// The cluster's steps, one function for each direction. Each looks at the observed state and plans
// what is missing next; none remembers how far it had come.
#pragma once

#include "api/migration_status.h"
#include "migration/model/outcome.h"
#include "migration/plan_builder.h"
#include "migration/rollout/rollout.h"

#include <optional>
#include <string>

namespace migration {

struct StageReport {
  api::Phase phase = api::Phase::Pending;
  Outcome outcome = Outcome::waiting({});  // Ready: the goal is reached, as observed
  bool ipam_ready = false;                 // every node's data is in place
  std::optional<RolloutReport> rollout = {};
};

// Towards Calico. The preflight must have passed, or the migration must have begun.
StageReport towards_calico(PlanBuilder& builder);
// Towards flannel, from any state.
StageReport towards_flannel(PlanBuilder& builder);
// Brings nodes between Cordon and Uncordon into service and does nothing else: for a migration that
// is paused, blocked, or being deleted.
StageReport hold(PlanBuilder& builder, Network goal);

}  // namespace migration
