// Which routes are Felix's: told by what they are, since FelixConfiguration's deviceRouteProtocol
// gives them any number.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

#include <vector>

namespace hostnet {

// Prefix length of Calico's blocks.
int block_size(const api::AgentTask& task, net::Family family);

// The blackhole of a block that Calico's IPAM has given to this node: in the main table, a part of
// a pod CIDR. One over a whole one is flannel's (--ip-blackhole-route) or somebody's, such as the
// anchor of a BGP route, unless the pod CIDR is one block. With Felix's usual protocol, it is one
// wherever its block is.
bool is_felix_blackhole(const api::AgentTask& task, const netlink::Route& route);
bool is_flannel_blackhole(const api::AgentTask& task, const netlink::Route& route);

// Unicast, of the main table, through a gateway on that device: flannel's and Felix's to peers.
bool is_tunnel_route(const netlink::Route& route, const netlink::Link& tunnel);

// Routes to a part of what flannel has a route to, both on flannel's device: left over from Felix,
// which allows no other routes there, or laid for it, and of the protocol that most others have,
// too. So is a route of Felix's protocol to a block elsewhere, through a peer of flannel's.
std::vector<netlink::Route> left_on_tunnels(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
