// Finds the folder in which flannel's host-local keeps its leases: below one folder (ipam.dataDir
// of flannel's CNI configuration), a folder for each network.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

#include <string>

namespace hostnet {

// The folder that flannel's CNI configuration names, else the task's, else host-local's own.
std::string lease_root(const HostState& state, const api::AgentTask& task);
// The folder of flannel's network below lease_root().
std::string lease_folder(const HostState& state, const api::AgentTask& task);

// Says why the agent cannot find out the addresses of flannel's pods on this node: another plugin
// assigns them, or the leases are in a folder that the agent does not see. Empty when it can.
std::string lease_problem(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
