// The originals as they are saved in the cluster: one ConfigMap, and its parts where there is too
// much for one.
#pragma once

#include "migration/facts/originals.h"

#include <optional>
#include <set>

namespace migration {

// nullopt when nothing is saved. Invalid names what cannot be read.
base::Result<std::optional<Originals>> read_originals(const ClusterState& cluster);
// The ConfigMaps that hold parts of the saved originals; where those are gone, parts that are left.
std::set<api::ObjectKey> parts_of_originals(const ClusterState& cluster);

}  // namespace migration
