// Decides what the agent does next on a host, from the observed state and the wanted one. Pure:
// same input, same plan. The agent carries a plan out and observes the host again until the plan is
// empty; so an agent that was killed anywhere, and started again, ends in the same state.
//
// README.md, Facts, has what shaped it. A device's name does not say whose it is: kind, VNI and
// address decide, or nothing is done.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"
#include "hostnet/plan.h"

#include <set>

namespace hostnet {

HostPlan plan_host(const HostState& state, const api::AgentTask& task);

// The network that Verify checks: the task's, else the one whose device is there.
api::AgentNetwork network_to_verify(const HostState& state, const api::AgentTask& task);

// Addresses that HandOver reports: Calico must not assign them yet, since a pod or the bridge has
// them.
std::set<net::IpAddress> live_addresses(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
