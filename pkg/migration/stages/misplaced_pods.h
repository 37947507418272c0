// Pods and blocks that are not in the pod CIDR of their node. Where Calico may claim blocks
// unasked, as after a completed migration, it puts them anywhere, and the blocks of a node that was
// replaced under its name stay. flannel has one way to a node, to its pod CIDR, and host-local
// gives all of it out: such pods are replaced, and such blocks deleted, before a further node
// moves.
#pragma once

#include "migration/model/outcome.h"
#include "migration/plan_builder.h"

#include <string>

namespace migration {

// Plans what brings the next of them home, on as many nodes at a time as may be unavailable;
// nothing until IPAM is held (Survey::ipam_is_held), since more could come. While it is not Ready
// no further node may leave Calico.
Outcome gather_misplaced(PlanBuilder& builder);

}  // namespace migration
