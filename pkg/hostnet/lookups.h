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

// Returns an address of each block that Calico may have had in the node's pod CIDRs: of each block
// of the usual size, and of each destination whose packets a route drops. Only the beginning of a
// very large pod CIDR is covered.
std::vector<Lookup> lookups(const HostState& state, const api::AgentTask& task);

// Reads HostState::looked_up: "10.244.1.64/26 (blackhole)" for each block whose packets are
// dropped. Left out are the blackhole that flannel itself adds (--ip-blackhole-route), and an
// administrator's route for all of the pod CIDR or more, which drops packets only until the bridge
// is there.
std::vector<std::string> dead_blocks(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
