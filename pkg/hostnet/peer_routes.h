// The routes to peers that Felix will lay when it starts.
//
// Felix first deletes every route on its device that it does not want, flannel's to the pod CIDRs
// among them, and then adds its own, one for each block: between the two the node would have no
// route to any other node, the longer the more nodes there are (5,000: about a second). A route
// that is there as Felix would lay it is kept. So all of them are laid beside flannel's before
// Felix starts (felix/routetable of Calico v3.27 and v3.32; seen with `ip monitor`):
//   - Its destination is a block of the peer, its gateway the peer's tunnel address, on Felix's
//     device, onlink, in the main table, with FelixConfiguration's deviceRouteProtocol, no source.
//   - v3.32 adds the device's MTU as an attribute: where only that is missing, it replaces the
//     route in place, and no packet is lost. v3.27 does not look at it. So none is set.
//   - One too many is deleted with flannel's. Hence what a peer may claim before Felix starts is
//     laid, too: Felix keeps it when it was claimed meanwhile.
// A node that joins meanwhile has no route here that Felix could delete: it gets its first one
// from Felix, as flannel does not run here any more.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"
#include "hostnet/tunnel.h"

#include <vector>

namespace hostnet {

// To all blocks of all peers, through that device: those that flannel's routes on it tell, and
// those that the task names.
std::vector<netlink::Route> peer_routes(const HostState& state, const api::AgentTask& task,
                                        const Tunnel& tunnel, const netlink::Link& link);

// Those that are not there, or are there otherwise. A destination that somebody has laid another
// way than through this device is left alone.
std::vector<netlink::Route> missing_peer_routes(const HostState& state, const api::AgentTask& task,
                                                const Tunnel& tunnel, const netlink::Link& link);

}  // namespace hostnet
