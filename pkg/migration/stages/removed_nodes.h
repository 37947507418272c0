// Calico's data of nodes that do not exist any more. Calico's own collection leaves their blocks
// alone while an address in them is neither a pod's nor a tunnel's, as those are that we reserve;
// and whoever gets such a node's pod CIDR later would find its blocks held.
#pragma once

#include "migration/plan_builder.h"

namespace migration {

// The reservation of a node that was replaced under its name in the middle of its move goes, before
// the new one moves.
void forget_replaced_nodes(PlanBuilder& builder);

// Blocks that nobody can use go. While pods of the node are named in one, and once Calico gives out
// addresses again and may borrow from any block (`complete`), only our reservation is given up:
// Calico collects the rest.
void forget_vanished_nodes(PlanBuilder& builder, bool complete);

}  // namespace migration
