// Shared steps on routes that one of the two networks must not find.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

// Protocol of the routes that keep live pods of the bridge reachable, by which they are found
// later. It is not in iproute2's rt_protos.
inline constexpr std::uint8_t kProtocolHandOver = 144;

void drop_felix_blackholes(HostPlanBuilder& builder);
void drop_hand_over_routes(HostPlanBuilder& builder);
// Deletes routes to single blocks of peers, where flannel's own routes to whole pod CIDRs have the
// same effect.
void drop_peer_routes(HostPlanBuilder& builder);

}  // namespace hostnet
