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
  // FinishOnly: pods that nodes on flannel would not find have to go before a further node starts.
  StartPolicy start_policy = StartPolicy::Continue;
};

// The finalizer and the saved originals: before anything else is written. Ready once they are
// observed.
Preparation begin(PlanBuilder& builder);
// FelixConfiguration, IPAMConfig, calico-config, pools, and the data of every node.
Preparation prepare(PlanBuilder& builder, Network goal);
// Only the data of nodes that are out of service: what holds them back while everything else rests.
void prepare_nodes_in_flight(PlanBuilder& builder, Network goal);

// Every Linux node rests on that network.
bool all_rest_on(const Survey& survey, Network network);

}  // namespace migration
