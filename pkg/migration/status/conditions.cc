#include "migration/status/conditions.h"

#include "migration/facts/remains.h"

namespace migration {
namespace {

using api::ConditionStatus;

api::Condition condition(std::string type, bool value, std::string reason,
                         std::string message = {}) {
  return {std::move(type),
          value ? ConditionStatus::True : ConditionStatus::False,
          std::move(reason),
          std::move(message),
          0,
          {}};
}

api::Condition preflight_passed(const StatusInput& input) {
  for (const auto& finding : input.findings) {
    if (finding.severity != api::Severity::Block) continue;
    return condition("PreflightPassed", false, finding.id, finding.observed + "; " + finding.fix);
  }
  return condition("PreflightPassed", true, input.survey.begun() ? "Begun" : "NothingBlocks");
}

api::Condition ipam_ready(const StatusInput& input) {
  const bool ready = input.stage.ipam_ready;
  return condition("IPAMReady", ready, ready ? "EveryNodePrepared" : "NotPrepared",
                   ready ? "" : input.stage.outcome.message);
}

api::Condition progressing(const StatusInput& input, const api::MigrationStatus& status) {
  const auto& rollout = input.stage.rollout;
  // No further node starts before the approval.
  if (rollout && rollout->needs_approval)
    return condition("Progressing", !rollout->moving.empty(), std::string(api::kApprovalNeeded),
                     status.message);
  const bool moving = !input.stage.outcome.is_ready() && !input.stage.outcome.is_blocked() &&
                      !input.holding && input.survey.begun();
  return condition("Progressing", moving, std::string(api::to_string(status.phase)),
                   status.message);
}

api::Condition paused(const StatusInput& input) {
  if (input.survey.migration.meta.deleting) return condition("Paused", true, "BeingDeleted");
  if (input.survey.spec.paused) return condition("Paused", true, "SpecPaused");
  if (input.survey.spec.mode == api::Mode::Plan) return condition("Paused", true, "PlanOnly");
  return condition("Paused", false, "NotPaused");
}

api::Condition degraded(const StatusInput& input, const api::MigrationStatus& status) {
  if (status.nodes.failed > 0) {
    return condition("Degraded", true, "NodesFailed",
                     status.failed.empty()
                         ? ""
                         : status.failed.front().name + ": " + status.failed.front().message);
  }
  if (input.stage.outcome.is_blocked())
    return condition("Degraded", true, "Blocked", status.message);
  return condition("Degraded", false, "AsExpected");
}

api::Condition completed(const StatusInput& input) {
  const bool to_calico = input.survey.spec.target == api::Target::Calico;
  const bool done = input.stage.outcome.is_ready() && to_calico;
  if (done) return condition("Completed", true, "EveryNodeOnCalico");
  return condition("Completed", false,
                   input.stage.outcome.is_ready() ? "EveryNodeOnFlannel" : "NotYet");
}

// The only report of remains that a migration or a revert leaves behind, once it is over.
api::Condition clean(const StatusInput& input) {
  const auto remains = told_of_remains(input.survey);
  if (!remains.empty())
    return condition("Clean", false, "RemainsOnNodes",
                     remains + ". " + about_remains(input.survey));
  return condition("Clean", input.stage.outcome.is_ready(),
                   input.stage.outcome.is_ready() ? "NothingLeft" : "NotYet");
}

void keep_transition(api::Condition& now, const StatusInput& input) {
  now.observed_generation = input.survey.migration.meta.generation;
  now.last_transition = input.survey.now;
  const auto* before = input.survey.migration.status.condition(now.type);
  if (before != nullptr && before->status == now.status)
    now.last_transition = before->last_transition;
}

}  // namespace

std::vector<api::Condition> make_conditions(const StatusInput& input,
                                            const api::MigrationStatus& status) {
  std::vector<api::Condition> conditions = {preflight_passed(input),
                                            ipam_ready(input),
                                            progressing(input, status),
                                            paused(input),
                                            degraded(input, status),
                                            completed(input),
                                            clean(input)};
  for (auto& one : conditions) keep_transition(one, input);
  return conditions;
}

}  // namespace migration
