// The brain of the agent: from what was observed of a host, and what is wanted, to what is to be
// done next. Pure: same input, same plan. A plan is carried out, the host is observed again, until
// a plan is empty; so an agent that was killed anywhere, and begun again, arrives at the same end.
//
// What shaped it is told in README.md, Facts. Whose a device is cannot be told by its name: kind,
// VNI and address decide, or nothing is done.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"
#include "hostnet/plan.h"

#include <set>

namespace hostnet {

HostPlan plan_host(const HostState& state, const api::AgentTask& task);

// Which network Verify is about: as the task says, else the one whose device is there.
api::AgentNetwork network_to_verify(const HostState& state, const api::AgentTask& task);

// What HandOver reports: addresses that Calico must not give out yet, since a pod or the bridge has
// them.
std::set<net::IpAddress> live_addresses(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
