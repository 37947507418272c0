// Decides which blocks an IPAMHandle of a node names.
#pragma once

#include "migration/model/action.h"
#include "migration/model/cluster_state.h"

#include <map>
#include <optional>
#include <string>

namespace migration {

using HandleBlocks = std::map<net::Cidr, int>;  // number of addresses

// Creates or corrects the handle, so that it names the `wanted` blocks and all others in which it
// still holds addresses: Calico releases only the blocks that a handle names. nullopt when it names
// them; the numbers of blocks that it names already are left to Calico.
std::optional<CreateHandle> missing_handle(const ClusterState& cluster, const std::string& id,
                                           HandleBlocks wanted);

}  // namespace migration
