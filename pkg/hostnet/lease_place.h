// Where flannel's host-local keeps its leases: below one folder (ipam.dataDir of flannel's CNI
// configuration), a folder for each network.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

#include <string>

namespace hostnet {

// As flannel's CNI configuration says, else the task, else host-local's own.
std::string lease_root(const HostState& state, const api::AgentTask& task);
// Of flannel's network.
std::string lease_folder(const HostState& state, const api::AgentTask& task);

// Why the agent cannot tell flannel's pods and their addresses here: somebody else gives them out,
// or writes down elsewhere who has them. Empty when it can.
std::string lease_problem(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
