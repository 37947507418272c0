#include "api/names.h"
#include "base/plural.h"
#include "migration/facts/saved_originals.h"
#include "migration/node/node_service.h"
#include "migration/stages/flannel_finish.h"
#include "migration/stages/node_moves.h"
#include "migration/stages/restore.h"
#include "migration/stages/stages.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

StageReport blocked(std::string message) {
  StageReport stage = reverting(std::move(message));
  stage.phase = api::Phase::Blocked;
  stage.outcome.state = Outcome::State::Blocked;
  return stage;
}

StageReport report(const Outcome& outcome) {
  return outcome.is_blocked() ? blocked(outcome.message) : reverting(outcome.message);
}

bool untouched(const Survey& survey) {
  return !survey.begun() && !survey.flannel_gated() &&
         std::all_of(survey.nodes.begin(), survey.nodes.end(), [](const auto& node) {
           return !node.label && !node.in_progress && node.network == Network::Flannel;
         });
}

// Lets both networks run side by side again: creates flannel's DaemonSet if it was deleted, and
// binds calico-node to its label. No running pod restarts (OnDelete).
class DaemonSetGates {
 public:
  explicit DaemonSetGates(const Survey& survey) : survey_(survey) {}

  // nullopt when both are in place.
  std::optional<StageReport> close(PlanBuilder& builder) {
    std::vector<Action> actions = recreate_flannel();
    if (!problem_.empty()) return blocked(problem_);
    for (const auto* set : survey_.flannel_sets) {
      if (set->meta.deleting)
        return reverting("waiting for flannel's DaemonSet to be gone before it is created again");
      if (!is_gated(*set, Network::Flannel)) actions.push_back(gate(*set, Network::Flannel));
    }
    if (!survey_.calico_gated()) actions.push_back(gate(*survey_.calico_node, Network::Calico));
    if (actions.empty()) return std::nullopt;
    builder.add(std::string(kClusterKey), std::move(actions));
    return reverting("giving both DaemonSets the migration's node selector");
  }

 private:
  std::vector<Action> recreate_flannel() {
    std::vector<Action> actions;
    for (const auto& [key, json] : survey_.originals->flannel_sets) {
      if (survey_.cluster.daemon_sets.contains(key)) continue;
      auto object = for_revert(json);
      if (!object) {
        problem_ = object.error().message;
        return {};
      }
      actions.emplace_back(CreateDaemonSet{key, std::move(*object)});
    }
    return actions;
  }

  const Survey& survey_;
  std::string problem_;
};

// A node without a label would lose its network the moment a DaemonSet gets the selector.
std::optional<StageReport> label_nodes(PlanBuilder& builder) {
  int left = 0;
  for (const auto& node : builder.survey().nodes) {
    if (node.label || node.joined) continue;
    ++left;
    PatchNode action{node.name, {}, "Labelled", "labelled with the network it is on"};
    action.patch.labels[std::string(api::kNetworkLabel)] = std::string(label_value(node.network));
    action.patch.uid = node.node().meta.uid;
    builder.add(node_key(node.name), std::move(action));
  }
  if (left == 0) return std::nullopt;
  return reverting(fmt::format("labelling nodes with the network they are on; {} left",
                               base::counted(left, "node")));
}

// Corrects conditions that an earlier revert has left. Other trouble of a node is not the
// migration's business once nothing of the migration is left.
std::optional<StageReport> served_again(PlanBuilder& builder) {
  serve_resting_nodes(builder);
  for (const auto& node : builder.survey().nodes) {
    if (left_by_calico(node.node()))
      return reverting(
          fmt::format("node {} takes no pods: {}", node.name, network_trouble(node.node())));
  }
  return std::nullopt;
}

// Deletes the parts of originals that a revert left because it ended in between.
std::optional<StageReport> delete_left_parts(PlanBuilder& builder) {
  std::vector<Action> actions;
  for (const auto& part : parts_of_originals(builder.survey().cluster))
    actions.emplace_back(DeleteConfigMap{part.name});
  if (actions.empty()) return std::nullopt;
  builder.add(std::string(kClusterKey), std::move(actions));
  return reverting("forgetting the migration");
}

}  // namespace

StageReport towards_flannel(PlanBuilder& builder) {
  const Survey& survey = builder.survey();
  if (untouched(survey)) {
    if (auto waiting = served_again(builder)) return std::move(*waiting);
    if (auto waiting = delete_left_parts(builder)) return std::move(*waiting);
    StageReport stage = reverting("every node is on flannel, and nothing of the migration is left");
    stage.phase = api::Phase::Reverted;
    stage.outcome.state = Outcome::State::Ready;
    return stage;
  }
  if (const auto begun = begin(builder); !begun.outcome.is_ready()) {
    return report(begun.outcome);
  }
  if (all_rest_on(survey, Network::Flannel) && !survey.flannel_sets.empty())
    return finish_on_flannel(builder);
  if (survey.calico_node == nullptr)
    return blocked("Calico's DaemonSet is gone: nodes cannot be moved off it");
  if (auto waiting = label_nodes(builder)) return std::move(*waiting);
  if (auto waiting = DaemonSetGates(survey).close(builder)) return std::move(*waiting);
  const auto preparation = prepare(builder, Network::Flannel);
  if (!preparation.outcome.is_ready()) return report(preparation.outcome);
  return move_nodes(builder, Network::Flannel, preparation, api::Phase::Reverting);
}

}  // namespace migration
