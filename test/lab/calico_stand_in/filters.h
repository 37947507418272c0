// What Felix keeps of the packet filter for one family: packets of the tunnel, and of pods.
#pragma once

#include "base/error.h"
#include "calico_stand_in/policies.h"
#include "calico_stand_in/tunnel.h"

#include <vector>

namespace stand_in {

// With VXLAN off, nothing of the tunnel is in them.
base::Result<void> ensure_filters(const Tunnel& tunnel, const std::vector<Endpoint>& endpoints);

}  // namespace stand_in
