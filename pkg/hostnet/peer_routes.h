// Adds the routes to peers that Felix would add when it starts.
//
// Felix first deletes every route on its device that it does not want, flannel's to the pod CIDRs
// among them, and then adds its own, one for each block. Between the two the node would have no
// route to any other node, the longer the more nodes there are (5,000: about a second). Felix keeps
// a route that is already as it wants it. So all of its routes are added beside flannel's before it
// starts (felix/routetable of Calico v3.27 and v3.32; seen with `ip monitor`):
//   - A route's destination is a block of the peer, its gateway the peer's tunnel address, on
//     Felix's device, onlink, in the main table, with FelixConfiguration's deviceRouteProtocol and
//     without a source.
//   - v3.32 adds the device's MTU as an attribute: where only that is missing, it replaces the
//     route in place, and no packet is lost. v3.27 does not look at it. So none is set.
//   - A route too many is deleted with flannel's. So the blocks that a peer may claim before Felix
//     starts have routes, too: Felix keeps a route whose block was claimed meanwhile.
// A node that joins meanwhile has no route here that Felix could delete: it gets its first one from
// Felix, as flannel does not run here at that time.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"
#include "hostnet/tunnel.h"

#include <vector>

namespace hostnet {

// Routes to all blocks of all peers through that device: blocks that flannel's routes on it cover,
// and blocks that the task names.
std::vector<netlink::Route> peer_routes(const HostState& state, const api::AgentTask& task,
                                        const Tunnel& tunnel, const netlink::Link& link);

// Returns the peer routes that are missing or differ. A destination that has a route through
// another device is left alone.
std::vector<netlink::Route> missing_peer_routes(const HostState& state, const api::AgentTask& task,
                                                const Tunnel& tunnel, const netlink::Link& link);

}  // namespace hostnet
