// Moves the first nodes, the canaries, one at a time, and decides what the others wait for after
// that (spec.rollout.canary).
#pragma once

#include "migration/model/outcome.h"
#include "migration/plan_builder.h"

#include <cstddef>
#include <string>
#include <vector>

namespace migration {

struct CanaryHold {
  std::size_t only = 0;         // so many nodes of the order may start, and no other; 0: all
  Outcome starts = {};          // Ready: these may
  bool needs_approval = false;  // by now
};

// True if the approve annotation is set. It counts for one migration: the operator removes it at the
// end.
bool is_approved(const api::FlannelMigration& migration);

// `order` is rollout_order(); only the way to Calico has canaries.
CanaryHold hold_for_canaries(PlanBuilder& builder, const std::vector<const NodeView*>& order,
                             Network goal);

}  // namespace migration
