// Recognises Felix's routes by their form, since FelixConfiguration's deviceRouteProtocol gives
// them any number.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

#include <vector>

namespace hostnet {

// Prefix length of Calico's blocks.
int block_size(const api::AgentTask& task, net::Family family);

// True for the blackhole of a block that Calico's IPAM has assigned to this node: in the main
// table, a part of a pod CIDR. A blackhole of a whole pod CIDR is flannel's (--ip-blackhole-route)
// or an administrator's, such as the anchor of a BGP route, unless the pod CIDR is one block. A
// blackhole with Felix's usual protocol counts wherever its block is.
bool is_felix_blackhole(const api::AgentTask& task, const netlink::Route& route);
bool is_flannel_blackhole(const api::AgentTask& task, const netlink::Route& route);

// Unicast, of the main table, through a gateway on that device: flannel's and Felix's to peers.
bool is_tunnel_route(const netlink::Route& route, const netlink::Link& tunnel);

// Returns Felix's routes on flannel's device. A route there to a part of a destination of flannel's
// was left by Felix, which allows no other routes on it, or was added for Felix; it has the
// protocol that most other routes have, too. A route of Felix's protocol to a block elsewhere,
// through a peer of flannel's, is Felix's as well.
std::vector<netlink::Route> left_on_tunnels(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
