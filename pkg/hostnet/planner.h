// The brain of the agent: from what was observed of a host, and what is wanted, to what is to be
// done next. Pure: same input, same plan. A plan is carried out, the host is observed again, until
// a plan is empty; so an agent that was killed anywhere, and begun again, arrives at the same end.
//
// Problems that shaped it (datamodel.md 4.3, 6, 7; lab.md):
//   - The kernel refuses a second VXLAN device with the same VNI and port, so a device is renamed,
//   not
//     copied. Before Linux 6.2 it must be down for that, which takes its routes and neighbours
//     away.
//   - Felix covers the node's own blocks with blackholes. Pods on flannel's bridge need a route
//   each,
//     before Felix starts.
//   - calico-node's pod object is gone before its processes; Felix, alive, takes away the routes of
//   a
//     device that it finds renamed. So nothing is begun while Felix answers.
//   - A folder k8s-pod-network makes Calico's upgrade-ipam stop pod creation in the whole cluster.
//   - Whose a device is cannot be told by its name. Kind, VNI and address decide, or nothing is
//   done.
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
