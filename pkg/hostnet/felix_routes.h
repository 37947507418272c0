// Which routes are Felix's: told by what they are, since FelixConfiguration's deviceRouteProtocol
// gives them any number.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

namespace hostnet {

// The blackhole of a block that Calico's IPAM has given to this node: in the main table, a part of
// a pod CIDR. flannel's own (--ip-blackhole-route) covers a whole one. With Felix's usual protocol,
// it is one wherever its block is.
bool is_felix_blackhole(const api::AgentTask& task, const netlink::Route& route);
bool is_flannel_blackhole(const api::AgentTask& task, const netlink::Route& route);

// A route to a part of what flannel has a route to, both on flannel's device: left over from Felix,
// which allows no other routes there, and of the protocol that most others have, too.
bool is_left_on_tunnel(const HostState& state, const api::AgentTask& task,
                       const netlink::Route& route);

}  // namespace hostnet
