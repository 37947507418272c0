#include "api/names.h"
#include "base/plural.h"
#include "migration/facts/flannel_pods.h"
#include "migration/facts/left_alone.h"
#include "migration/facts/remains.h"
#include "migration/ipam/node_ipam.h"
#include "migration/ipam/reservation.h"
#include "migration/node/agent_step.h"
#include "migration/node/node_patch.h"
#include "migration/node/node_service.h"
#include "migration/stages/node_moves.h"
#include "migration/stages/restore.h"
#include "migration/stages/stages.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

// Limits the agents of Finalize that run at the same time: they disturb nothing, but a thousand
// pods at once would.
constexpr int kFinalizeTogether = 50;

StageReport report(api::Phase phase, std::string message) {
  StageReport stage;
  stage.phase = phase;
  stage.outcome = Outcome::waiting(std::move(message));
  return stage;
}

StageReport report(const Preparation& preparation) {
  const bool blocked = preparation.outcome.is_blocked();
  return {.phase = blocked ? api::Phase::Blocked : api::Phase::PreparingIPAM,
          .outcome = preparation.outcome,
          .ipam_ready = preparation.ipam_ready};
}

class CalicoFinish {
 public:
  explicit CalicoFinish(PlanBuilder& builder) : builder_(builder), survey_(builder.survey()) {}

  StageReport run() {
    StageReport stage = step();
    stage.ipam_ready = true;
    return stage;
  }

 private:
  StageReport step() {
    if (auto waiting = calico_everywhere()) return std::move(*waiting);
    if (auto waiting = delete_flannel()) return std::move(*waiting);
    if (auto waiting = flannel_gone()) return std::move(*waiting);
    if (auto waiting = open_calico()) return std::move(*waiting);
    if (auto waiting = nodes_in_service()) return std::move(*waiting);
    if (auto waiting = clean_nodes()) return std::move(*waiting);
    if (auto waiting = put_back()) return std::move(*waiting);
    if (auto waiting = let_blocks_go()) return std::move(*waiting);
    keep_recording();
    const auto remains = told_of_remains(survey_);
    StageReport done =
        report(api::Phase::Completed, base::counted(survey_.nodes.size(), "node") + " on Calico" +
                                          told_of_left_alone(survey_) +
                                          (remains.empty() ? "" : "; " + remains));
    done.outcome.state = Outcome::State::Ready;
    return done;
  }

  // Waits until Calico's DaemonSet is observed to be Ready on as many nodes as there are.
  std::optional<StageReport> calico_everywhere() {
    const auto& set = *survey_.calico_node;
    const int nodes = static_cast<int>(survey_.nodes.size());
    if (!survey_.calico_gated()) return std::nullopt;  // rolling: open_calico waits
    if (set.ready >= nodes && set.desired >= nodes) return std::nullopt;
    return report(api::Phase::Finalizing, fmt::format("calico-node is Ready on {} of {}", set.ready,
                                                      base::counted(nodes, "node")));
  }

  std::optional<StageReport> delete_flannel() {
    if (survey_.spec.completion == api::FlannelAtCompletion::Keep || survey_.flannel_sets.empty())
      return std::nullopt;
    std::vector<Action> actions;
    for (const auto* set : survey_.flannel_sets) {
      if (!set->meta.deleting) actions.emplace_back(DeleteDaemonSet{api::key_of(set->meta)});
    }
    builder_.add(std::string(kClusterKey), std::move(actions));
    return report(api::Phase::Finalizing, "deleting flannel's DaemonSet");
  }

  // Waits until the pods of all flannel DaemonSets are gone: a flanneld would recreate flannel's
  // device and rules. Once the labels are gone, the guards report trouble of nodes.
  std::optional<StageReport> flannel_gone() {
    if (!labels_left()) return std::nullopt;
    const auto left = flannel_left(survey_);
    if (left.empty()) return std::nullopt;
    return report(api::Phase::Finalizing, left);
  }

  // Changes the template, so that every calico-node restarts once; the tunnel is not affected. As
  // many at a time as the user lets be unavailable.
  std::optional<StageReport> open_calico() {
    const auto& set = *survey_.calico_node;
    if (survey_.calico_gated()) {
      api::DaemonSetPatch patch;
      patch.node_selector[std::string(api::kNetworkLabel)] = std::nullopt;
      patch.update_strategy_json = rolling_update(survey_);
      builder_.add(std::string(kClusterKey), PatchDaemonSet{api::key_of(set.meta), patch});
      return report(api::Phase::Finalizing, "taking the migration's node selector off calico-node");
    }
    if (set.rolled_out(left_alone_with(survey_, set)) || !labels_left()) return std::nullopt;
    return report(api::Phase::Finalizing,
                  fmt::format("calico-node: {} of {} pods have the final template and {} are Ready",
                              set.updated, set.desired, set.ready));
  }

  static bool carries_marks(const NodeView& node) {
    const auto& meta = node.node().meta;
    return meta.label(api::kNetworkLabel) != nullptr ||
           meta.label(api::kInProgressLabel) != nullptr ||
           meta.annotation(api::kStateAnnotation) != nullptr;
  }

  bool labels_left() const {
    return std::any_of(survey_.nodes.begin(), survey_.nodes.end(), carries_marks);
  }

  // Trouble of a node is the migration's business only while nodes carry something of the
  // migration.
  std::optional<StageReport> nodes_in_service() const {
    if (!labels_left()) return std::nullopt;
    const auto trouble = first_network_trouble(survey_);
    if (trouble.empty()) return std::nullopt;
    return report(api::Phase::Finalizing, trouble);
  }

  std::optional<StageReport> clean_nodes() {
    int left = 0;
    int running = 0;
    for (const auto& node : survey_.nodes) {
      if (!carries_marks(node)) continue;
      ++left;
      if (running < kFinalizeTogether && node.node().ready) {
        ++running;
        clean(node);
      }
    }
    if (left == 0) return std::nullopt;
    return report(api::Phase::Finalizing,
                  fmt::format("removing flannel's remains; {} left", base::counted(left, "node")));
  }

  void clean(const NodeView& node) {
    const Journal journal = node.journal.value_or(Journal{});
    const auto outcome = run_agent(
        builder_, node, agent_task(survey_, node, api::AgentOperation::Finalize, journal.run));
    if (outcome.state == AgentOutcome::State::Waiting) return;
    const bool again = outcome.state == AgentOutcome::State::Failed &&
                       journal.tries < survey_.spec.rollout.retries;
    if (again) return try_again(node, journal, outcome.message);
    // Remains that could not be removed do no harm to Calico: the node is done, and names them.
    const bool failed = outcome.state == AgentOutcome::State::Failed;
    builder_.add(node_key(node.name), remove_marks(node, failed ? outcome.message : std::string()));
  }

  void try_again(const NodeView& node, Journal journal, const std::string& message) {
    ++journal.tries;
    journal.run = next_run(node);
    journal.error = message;
    journal.since = survey_.now;
    builder_.add(
        node_key(node.name),
        render_change(node, {.journal = journal, .reason = "FinalizeFailed", .message = message}));
  }

  std::optional<StageReport> put_back() {
    std::vector<Action> actions;
    // Settings that were changed since are left as they are.
    if (survey_.ipam_is_held()) actions = restore_ipam_config(survey_, Network::Calico);
    const auto& set = *survey_.calico_node;
    const auto& saved = survey_.originals->calico_update_strategy;
    if (!saved.empty() && !same_json(saved, set.update_strategy_json) && strategy_is_ours(set)) {
      api::DaemonSetPatch patch;
      patch.update_strategy_json = saved;
      actions.emplace_back(PatchDaemonSet{api::key_of(set.meta), patch});
    }
    if (agents_are_left(survey_)) actions.emplace_back(DeleteAgents{});
    if (actions.empty()) return std::nullopt;
    builder_.add(std::string(kClusterKey), std::move(actions));
    return report(api::Phase::Finalizing, "restoring IPAMConfig and calico-node's update strategy");
  }

  // Releases placeholders once Calico claims blocks again by itself, which may then also take empty
  // ones. Blocks of a device and of a Windows node stay their own, since no Calico there would
  // claim them again.
  std::optional<StageReport> let_blocks_go() {
    int left = 0;
    for (const auto* node : recorded_nodes(survey_)) {
      if (stays_on_flannel(*node)) continue;
      auto actions = release_everything(survey_, *node);
      if (actions.empty()) continue;
      ++left;
      builder_.add(node_key(node->name), std::move(actions));
    }
    if (left == 0) return std::nullopt;
    return report(api::Phase::Finalizing,
                  fmt::format("releasing the addresses that kept IPAM blocks; {} left",
                              base::counted(left, "node")));
  }

  // flannel goes on there: a Windows node that joins, or has another MAC after a restart, would be
  // unknown to Calico.
  void keep_recording() {
    for (const auto* node : recorded_nodes(survey_)) {
      if (!stays_on_flannel(*node)) continue;
      auto ipam = examine_ipam(survey_, *node, Network::Calico);
      if (ipam.problem.empty() && ipam.conflicts.empty())
        builder_.add(node_key(node->name), std::move(ipam.missing));
    }
  }

  bool strategy_is_ours(const api::DaemonSet& set) const {
    return set.update_strategy == "OnDelete" ||
           same_json(rolling_update(survey_), set.update_strategy_json);
  }

  PlanBuilder& builder_;
  const Survey& survey_;
};

// flannel leaves a node when its label changes, and no running flannel pod restarts: selector and
// OnDelete in one patch.
std::vector<Action> gate_flannel(const Survey& survey) {
  std::vector<Action> actions;
  for (const auto* set : survey.flannel_sets) {
    if (is_gated(*set, Network::Flannel) && set->update_strategy == "OnDelete") continue;
    actions.push_back(gate(*set, Network::Flannel));
  }
  return actions;
}

// A report of moving nodes also says how many are left on flannel because nobody selects them.
StageReport move_selected_nodes(PlanBuilder& builder, const Preparation& preparation) {
  auto stage = move_nodes(builder, Network::Calico, preparation, api::Phase::Migrating);
  const auto unselected =
      std::count_if(builder.survey().nodes.begin(), builder.survey().nodes.end(),
                    [](const auto& n) { return !n.selected && n.network != Network::Calico; });
  if (stage.rollout->done() && unselected > 0) {
    stage.outcome.message = fmt::format("left on flannel until rollout.nodeSelector is widened: {}",
                                        base::counted(unselected, "node"));
  }
  return stage;
}

}  // namespace

StageReport towards_calico(PlanBuilder& builder) {
  const Survey& survey = builder.survey();
  if (const auto begun = begin(builder); !begun.outcome.is_ready()) {
    StageReport stage = report(begun);
    if (!begun.outcome.is_blocked()) stage.phase = api::Phase::Planned;
    return stage;
  }
  if (all_rest_on(survey, Network::Calico)) return CalicoFinish(builder).run();
  const auto preparation = prepare(builder, Network::Calico);
  if (!preparation.outcome.is_ready()) return report(preparation);
  if (auto actions = gate_flannel(survey); !actions.empty()) {
    builder.add(std::string(kClusterKey), std::move(actions));
    return report(
        {.outcome = Outcome::waiting("giving flannel's DaemonSet the migration's node selector"),
         .ipam_ready = preparation.ipam_ready});
  }
  return move_selected_nodes(builder, preparation);
}

StageReport hold(PlanBuilder& builder, Network goal) {
  prepare_nodes_in_flight(builder, goal);
  StageReport stage;
  stage.rollout = plan_rollout(builder, goal, StartPolicy::FinishOnly);
  return stage;
}

}  // namespace migration
