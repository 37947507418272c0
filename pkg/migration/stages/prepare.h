// Prepares what has to be in place while both networks are in use, in either direction.
#pragma once

#include "migration/model/outcome.h"
#include "migration/node/node_move.h"
#include "migration/plan_builder.h"

#include <string>

namespace migration {

struct Preparation {
  Outcome outcome = {};
  bool ipam_ready = false;  // every node's data is in place
  // FinishOnly: pods that nodes on flannel cannot reach have to be moved before a further node
  // starts.
  StartPolicy start_policy = StartPolicy::Continue;
};

// Sets the finalizer and saves the originals, before anything else is written. Ready once both are
// observed.
Preparation begin(PlanBuilder& builder);
// Writes FelixConfiguration, IPAMConfig, calico-config, pools, and the data of every node.
Preparation prepare(PlanBuilder& builder, Network goal);
// Writes only the data of nodes that are out of service, which wait for it while everything else
// rests.
void prepare_nodes_in_flight(PlanBuilder& builder, Network goal);

// Every Linux node rests on that network.
bool all_rest_on(const Survey& survey, Network network);

}  // namespace migration
