// Moves pods and blocks that are not in the pod CIDR of their node. If Calico may claim blocks by
// itself, as after a completed migration, it puts them anywhere, and the blocks of a node that was
// replaced under its name stay. flannel has one route to a node, to its pod CIDR, and host-local
// assigns all of it: such pods are replaced, and such blocks deleted, before a further node moves.
#pragma once

#include "migration/model/outcome.h"
#include "migration/plan_builder.h"

#include <string>

namespace migration {

// Plans the next of these moves, on as many nodes at a time as may be unavailable; none until IPAM
// is held (Survey::ipam_is_held), since more could come. While the outcome is not Ready no further
// node may leave Calico.
Outcome gather_misplaced(PlanBuilder& builder);

}  // namespace migration
