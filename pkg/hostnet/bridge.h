// flannel's bridge and the pods on it.
#pragma once

#include "api/agent.h"
#include "hostnet/host_state.h"

#include <set>
#include <string>
#include <vector>

namespace hostnet {

// The name that flannel's CNI configuration gives it; cni0 where there is none.
std::string bridge_name(const HostState& state);
// A bridge with an address out of a pod CIDR, as flannel's CNI plugin makes it. A device of that
// name that is something else is not flannel's.
bool is_flannel_bridge(const HostState& state, const api::AgentTask& task,
                       const netlink::Link& link);
// The reason why the device of that name is not flannel's bridge; empty if it is.
std::string bridge_problem(const HostState& state, const api::AgentTask& task);
const netlink::Link* find_bridge(const HostState& state, const api::AgentTask& task);
// Names of the devices that are its ports.
std::vector<std::string> ports_of(const HostState& state, const netlink::Link& bridge);

bool in_pod_cidrs(const api::AgentTask& task, const net::IpAddress& address);

// Addresses of pods that flannel's CNI plugin has started: host-local's leases, and what the bridge
// has heard from. A lease may be left over from a pod that is gone: the answer may be too large,
// never too small.
std::set<net::IpAddress> flannel_pods(const HostState& state, const api::AgentTask& task);
// Addresses that no pod can have because the bridge uses them: every address on the bridge and, for
// each of its networks, the first address and the broadcast address, which the kernel keeps in its
// local table. Within the pod CIDRs.
std::set<net::IpAddress> bridge_addresses(const HostState& state, const api::AgentTask& task);
// Addresses of pods that Calico's CNI plugin has started: those with a host route to a cali*
// device.
std::set<net::IpAddress> calico_pods(const HostState& state, const api::AgentTask& task);

// The name of flannel's CNI network: as its configuration says, else the task.
std::string flannel_network(const HostState& state, const api::AgentTask& task);
bool is_canal(const HostState& state);
// True also if Canal's configuration went with the end of a migration.
bool is_or_was_canal(const HostState& state, const api::AgentTask& task);

}  // namespace hostnet
