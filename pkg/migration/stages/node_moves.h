// The part of a stage in which nodes move, the same in both directions.
#pragma once

#include "migration/stages/prepare.h"
#include "migration/stages/stages.h"

namespace migration {

// Binds a DaemonSet to the label of its network. No running pod restarts: the patch sets OnDelete
// as well.
Action gate(const api::DaemonSet& set, Network network);

// Moves nodes towards `goal`. `phase` is the stage's while nothing blocks it.
StageReport move_nodes(PlanBuilder& builder, Network goal, const Preparation& preparation,
                       api::Phase phase);

}  // namespace migration
