// Cleans up Calico's data of nodes that are gone. Calico's own garbage collection leaves their
// blocks alone while they hold an address that belongs neither to a pod nor to a tunnel, as our
// reservations do; and a new node with such a pod CIDR would find its blocks held.
#pragma once

#include "migration/plan_builder.h"

namespace migration {

// Releases the reservation of a node that was replaced under its name in the middle of its move,
// before the new node moves.
void forget_replaced_nodes(PlanBuilder& builder);

// Deletes blocks that no node can use. While pods of the node are named in a block, and once Calico
// assigns addresses again and may borrow from any block (`complete`), only our reservation is
// released: Calico collects the rest.
void forget_removed_nodes(PlanBuilder& builder, bool complete);

}  // namespace migration
