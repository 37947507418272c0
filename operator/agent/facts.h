// Facts about a host that the operator gets besides the result of the work.
#pragma once

#include "agent/host_files.h"
#include "agent/options.h"
#include "agent/prober.h"
#include "hostnet/host_state.h"

#include <string>
#include <vector>

namespace agent {

// The keys of subnet.env, as they stand there.
json::StringMap subnet_env_of(const hostnet::HostState& state);

// Reads, for Preflight, what is neither in the kernel's network nor in files.
hostnet::System read_system(const api::AgentTask& task, const HostFiles& files);

// Targets of Verify: every peer, through the device of its address family.
std::vector<ProbeTarget> targets_of(const hostnet::HostState& state, const api::AgentTask& task);

}  // namespace agent
