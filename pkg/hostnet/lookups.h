// Whether packets to this node's pods get through its own routes, as the kernel answers: not only
// routes in the main table can be in the way.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

#include <string>
#include <vector>

namespace hostnet {

struct Lookup {
  net::Cidr block;
  net::IpAddress address;  // in it; of no pod that has a route of its own, where there is one
  bool operator==(const Lookup&) const = default;
};

// One address of each block that Calico may have had in the node's pod CIDRs: of its size,
// and where a route says that packets are dropped. Of a pod CIDR too large for that, the beginning.
std::vector<Lookup> lookups(const HostState& state, const api::AgentTask& task);

// From HostState::looked_up: "10.244.1.64/26 (blackhole)" for each block whose packets are dropped.
// What flannel itself drops as a whole (--ip-blackhole-route) is not told, nor what an
// administrator's route for all of the pod CIDR or more drops until the bridge is there.
std::vector<std::string> dead_blocks(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
