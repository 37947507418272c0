#include "migration/status/status.h"

#include "api/names.h"
#include "base/utf8.h"
#include "migration/rollout/rollout_order.h"
#include "migration/status/conditions.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

constexpr std::size_t kMaxMessage = 1024;
// An estimate further away says nothing.
constexpr base::Duration kLongestEstimate = std::chrono::hours(24 * 365);

Network goal_of(const StatusInput& input) { return network_of(input.survey.spec.target); }

api::NodeCounts count(const StatusInput& input) {
  api::NodeCounts counts;
  counts.total = static_cast<int>(input.survey.nodes.size());
  for (const auto& node : input.survey.nodes) {
    if (node.out()) {
      ++counts.migrating;
    } else if (node.in_flight()) {
      ++counts.refreshing;
    }
    const bool in_service = !node.out() && !node.unserved;
    if (in_service && node.network == Network::Flannel) ++counts.flannel;
    if (in_service && node.network == Network::Calico) ++counts.calico;
    if (!node.selected && node.network != goal_of(input)) ++counts.skipped;
  }
  counts.skipped += static_cast<int>(input.survey.left_alone.size());
  if (input.stage.rollout) counts.failed = static_cast<int>(input.stage.rollout->failed.size());
  return counts;
}

api::NodeProgress progress_of(const std::string& name, const MoveReport& move) {
  return {name, std::string(step_name(move.step, move.towards, move.method)), move.since,
          move.attempt, move.message};
}

std::vector<api::NodeProgress> list_active(const StatusInput& input) {
  std::vector<api::NodeProgress> active;
  if (!input.stage.rollout) return active;
  // Nodes out of service come first: a reader waits for these.
  for (const bool refreshing : {false, true}) {
    for (const auto& [name, move] : input.stage.rollout->moving) {
      const bool in_service = move.step == Step::Refresh || move.step == Step::Clean;
      if (in_service == refreshing && active.size() < api::kNodesListed)
        active.push_back(progress_of(name, move));
    }
  }
  return active;
}

std::vector<api::NodeProgress> list_failed(const StatusInput& input) {
  std::vector<api::NodeProgress> failed;
  if (!input.stage.rollout) return failed;
  for (const auto* node : input.stage.rollout->failed) {
    if (failed.size() == api::kNodesListed) break;
    failed.push_back(
        {node->name, "Failed", node->journal->since, node->journal->attempt, node->journal->error});
  }
  return failed;
}

api::PlanSummary summarise(const StatusInput& input) {
  api::PlanSummary plan;
  const auto order = rollout_order(input.survey);
  plan.nodes = static_cast<int>(order.size());
  plan.waves = count_waves(input.survey, order);
  for (const auto* node : order) {
    if (plan.order.size() == api::kNodesListed) break;
    plan.order.push_back(node->name);
  }
  if (order.size() > kOrderShown && input.survey.begun())
    plan.full_plan = std::string(api::kPlanConfigMap);
  return plan;
}

// Estimates from the pace of the nodes that have arrived so far, which says nothing while all wait,
// as for canaries to soak.
std::optional<base::Duration> time_left(const StatusInput& input) {
  if (!input.stage.rollout || input.holding || input.stage.outcome.is_blocked())
    return std::nullopt;
  if (input.stage.rollout->moving.empty() && !input.stage.rollout->further_starts.message.empty())
    return std::nullopt;
  std::optional<base::TimePoint> first;
  int arrived = 0;
  int left = 0;
  for (const auto& node : input.survey.nodes) {
    const bool there =
        node.journal && node.journal->step == Step::Done && node.journal->towards == goal_of(input);
    if (there) {
      ++arrived;
      if (!first || node.journal->since < *first) first = node.journal->since;
    } else if (node.in_flight() || (node.selected && node.network != goal_of(input))) {
      ++left;
    }
  }
  if (arrived < 2 || left == 0) return std::nullopt;
  const auto elapsed = input.survey.now - *first;
  const auto estimate = elapsed * left / (arrived - 1);
  if (estimate > kLongestEstimate) return std::nullopt;
  return std::chrono::duration_cast<base::Duration>(
      std::chrono::round<std::chrono::seconds>(estimate));
}

// Less than ten seconds, and less than a tenth of what is left, is not worth a write of the object.
bool hardly_moves(base::Duration by, base::Duration left) {
  return std::chrono::abs(by) < std::max<base::Duration>(std::chrono::seconds(10), left / 10);
}

void estimate(const StatusInput& input, api::MigrationStatus& status) {
  const auto left = time_left(input);
  if (!left) return;
  const auto when = std::chrono::floor<std::chrono::seconds>(input.survey.now) + *left;
  const auto& told = input.survey.migration.status;
  const auto& before = told.estimated_completion_time;
  // The estimate would move with every look at the clock while nodes wait.
  const bool keep = before && hardly_moves(when - *before, *left);
  status.eta = keep ? told.eta : base::to_string(*left);
  status.estimated_completion_time = keep ? *before : when;
}

bool is_only_planned(const Survey& survey) {
  if (survey.spec.mode == api::Mode::Plan) return !survey.begun();
  return survey.cluster.dry_run && !survey.spec.paused;
}

api::Phase phase_of(const StatusInput& input) {
  if (input.stage.outcome.is_blocked()) return api::Phase::Blocked;
  if (input.holding && !input.stage.outcome.is_ready()) {
    return is_only_planned(input.survey) ? api::Phase::Planned : api::Phase::Paused;
  }
  return input.stage.phase;
}

// Describes in one line what is happening: the stage's own message, else the node that is moving.
std::string message_of(const StatusInput& input, const api::MigrationStatus& status) {
  std::string message = input.stage.outcome.message;
  if (message.empty() && !status.active.empty()) {
    const auto& first = status.active.front();
    message = fmt::format("{}: {}{}{}", first.name, first.step, first.message.empty() ? "" : ": ",
                          first.message);
  }
  if (!input.error.empty())
    message += fmt::format("{}last error: {}", message.empty() ? "" : "; ", input.error);
  return base::cut_utf8(message, kMaxMessage);
}

void set_times(const StatusInput& input, api::MigrationStatus& status) {
  const auto& last = input.survey.migration.status;
  if (input.survey.originals && input.survey.originals->saved) {
    status.start_time = input.survey.originals->saved;
  } else {
    status.start_time = last.start_time;
  }
  if (!input.stage.outcome.is_ready()) return;
  const bool was = last.phase == status.phase && last.completion_time;
  status.completion_time = was ? last.completion_time : input.survey.now;
}

api::Revertible revertible(const StatusInput& input) {
  const Survey& survey = input.survey;
  if (!survey.begun())
    return {survey.originals_error.empty(),
            survey.originals_error.empty() ? "nothing is changed" : survey.originals_error};
  if (survey.flannel_sets.empty() && survey.originals->flannel_sets.empty()) {
    return {false, "flannel's DaemonSet was deleted and is not among the saved originals"};
  }
  if (survey.calico_node == nullptr) return {false, "Calico's DaemonSet is gone"};
  if (survey.spec.target == api::Target::Flannel) return {true, "a revert is under way"};
  if (survey.flannel_sets.empty()) {
    return {true,
            "set spec.target to Flannel: flannel's DaemonSet is created again and every node moves "
            "back"};
  }
  return {true, "set spec.target to Flannel: nodes on Calico move back"};
}

}  // namespace

std::string message_of(const api::Finding& finding) {
  return fmt::format("{}: {}; wanted: {}. {}", finding.id, finding.observed, finding.wanted,
                     finding.fix);
}

api::MigrationStatus make_status(const StatusInput& input) {
  api::MigrationStatus status;
  status.observed_generation = input.survey.migration.meta.generation;
  status.detected = input.survey.settings.detected;
  status.preflight = input.findings;
  status.phase = phase_of(input);
  status.nodes = count(input);
  const int there = goal_of(input) == Network::Calico ? status.nodes.calico : status.nodes.flannel;
  status.progress = fmt::format("{}/{}", there, status.nodes.total);
  status.active = list_active(input);
  status.failed = list_failed(input);
  status.plan = summarise(input);
  status.message = message_of(input, status);
  estimate(input, status);
  set_times(input, status);
  status.revertible = revertible(input);
  status.conditions = make_conditions(input, status);
  return status;
}

api::MigrationStatus blind_status(const Survey& survey, const Findings& findings) {
  StageReport stage;
  stage.outcome = Outcome::blocked(message_of(findings.front()));
  auto status = make_status({.survey = survey, .findings = findings, .stage = stage});
  const auto& last = survey.migration.status;
  if (last.nodes.total == 0) return status;
  status.nodes = last.nodes;
  status.progress = last.progress;
  status.active = last.active;
  status.failed = last.failed;
  status.plan = last.plan;
  status.detected = last.detected;
  status.revertible = last.revertible;
  return status;
}

api::MigrationStatus refused_status(const api::FlannelMigration& migration, std::string message,
                                    base::TimePoint) {
  api::MigrationStatus status = migration.status;
  status.observed_generation = migration.meta.generation;
  status.phase = api::Phase::Blocked;
  status.message = std::move(message);
  return status;
}

api::MigrationStatus standby_status(const api::FlannelMigration& migration, std::string_view active,
                                    base::TimePoint) {
  api::MigrationStatus status;
  status.observed_generation = migration.meta.generation;
  status.phase = api::Phase::Pending;
  status.message = fmt::format(
      "FlannelMigration {} was here before, and one is acted for at a time: edit that one, or "
      "delete one of the two; without that one, this one is carried out",
      active);
  status.revertible = {false, status.message};
  return status;
}

}  // namespace migration
