// Decides which nodes move now, how many at once, and when to hold.
#pragma once

#include "migration/model/outcome.h"
#include "migration/node/node_move.h"
#include "migration/plan_builder.h"

#include <map>
#include <string>
#include <vector>

namespace migration {

struct RolloutReport {
  std::map<std::string, MoveReport> moving;  // nodes in flight
  std::vector<const NodeView*> failed;       // used up their attempts
  int waiting = 0;                           // still to be started, those that cannot now included
  Outcome further_starts = {};               // Ready: a further node may start, if there is one
  bool needs_approval = false;  // canaries are done, and the others wait for an approval

  // The stage's answer about the rollout; the stage that follows finds out that it is done.
  Outcome outcome() const {
    if (further_starts.is_blocked()) return further_starts;
    return Outcome::waiting(further_starts.message);
  }

  // Every selected node rests on the goal.
  bool done() const { return moving.empty() && failed.empty() && waiting == 0; }
};

// Advances the nodes in flight and, with StartPolicy::Continue, starts further ones within the
// budget.
RolloutReport plan_rollout(PlanBuilder& builder, Network goal, StartPolicy start_policy);

}  // namespace migration
