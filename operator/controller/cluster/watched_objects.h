// Selects the objects that matter in this cluster, by its DaemonSets, its FlannelMigrations and the
// saved originals.
#pragma once

#include "controller/cluster/access_review.h"
#include "migration/model/cluster_state.h"

#include <set>

namespace controller {

// The ConfigMaps that a plan may look at: our own, Calico's, and those that flannel's DaemonSets
// name. At most 26 for all FlannelMigrations and installations of flannel, and the 16 that the
// saved originals may have as parts.
std::set<api::ObjectKey> config_maps_of(const migration::ClusterState& state);

// Returns the objects that the operator changes by name.
AccessScope access_scope_of(const migration::ClusterState& state);

}  // namespace controller
