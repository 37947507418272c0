#include "migration/stages/node_moves.h"

#include "api/names.h"

namespace migration {

Action gate(const api::DaemonSet& set, Network network) {
  api::DaemonSetPatch patch;
  patch.node_selector[std::string(api::kNetworkLabel)] = std::string(label_value(network));
  patch.update_strategy_json = std::string(api::kOnDelete);
  return PatchDaemonSet{api::key_of(set.meta), patch};
}

StageReport move_nodes(PlanBuilder& builder, Network goal, const Preparation& preparation,
                       api::Phase phase) {
  StageReport stage;
  stage.rollout = plan_rollout(builder, goal, preparation.start_policy);
  stage.outcome = stage.rollout->outcome();
  stage.phase = stage.outcome.is_blocked() ? api::Phase::Blocked : phase;
  stage.ipam_ready = preparation.ipam_ready;
  if (stage.outcome.message.empty()) stage.outcome.message = preparation.outcome.message;
  return stage;
}

}  // namespace migration
