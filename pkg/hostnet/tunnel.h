// The tunnel device of one address family: one kernel object, two names.
#pragma once

#include "api/agent.h"
#include "hostnet/device_state.h"
#include "hostnet/host_state.h"
#include "net/mac_address.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostnet {

struct Tunnel {
  net::Family family = net::Family::V4;
  net::Cidr pod_cidr;   // its first address is the tunnel's
  std::string flannel;  // "flannel.1", "flannel-v6.1"
  std::string calico;   // "vxlan.calico", "vxlan-v6.calico"
  std::string mac;      // as wanted; empty: not checked
  std::string public_ip;
};

// One for each family that has a pod CIDR. A family that the task says nothing about beside one
// that it does is not in flannel's network: flannel may serve IPv4 alone in a cluster of both.
std::vector<Tunnel> tunnels_of(const api::AgentTask& task);

// Whether the device may be touched at all: VXLAN with the cluster's VNI.
bool is_tunnel(const netlink::Link& link, const api::AgentTask& task);

// The device of that name, if it may be touched.
const netlink::Link* find_tunnel(const HostState& state, const api::AgentTask& task,
                                 std::string_view name);

// What of the device Felix would not accept, or peers would not reach; each is one phrase. Felix
// deletes and makes a device anew that differs in VNI, parent, source, port, MAC, GBP or learning.
std::vector<std::string> tunnel_problems(const HostState& state, const api::AgentTask& task,
                                         const Tunnel& tunnel, const netlink::Link& link);
// "has MTU 1400, wanted 1450", or empty.
std::string mtu_problem(const api::AgentTask& task, const Tunnel& tunnel,
                        const netlink::Link& link);
// That problem is one that HandOver mends: packets that fit through no device of the cluster are
// not lost by it, smaller ones everywhere would be.
bool is_too_large(const api::AgentTask& task, const Tunnel& tunnel, const netlink::Link& link);

// Of flannel's IPv4 device, which is what the settings speak of; nullopt where there is none.
std::optional<int> tunnel_mtu(const HostState& state, const api::AgentTask& task);

// What lies on the device now, without what the kernel makes by itself.
DeviceState device_state_of(const HostState& state, std::uint32_t link);
// What of `wanted` does not.
DeviceState missing(const DeviceState& wanted, const HostState& state);

}  // namespace hostnet
