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

// Tunnels of the task, one for each family that has a pod CIDR. If the task has settings for one
// family only, the other one is not in flannel's network: flannel may serve IPv4 alone in a
// dual-stack cluster.
std::vector<Tunnel> tunnels_of(const api::AgentTask& task);

// Whether the device may be touched at all: VXLAN with the cluster's VNI.
bool is_tunnel(const netlink::Link& link, const api::AgentTask& task);

// The device of that name, if it may be touched.
const netlink::Link* find_tunnel(const HostState& state, const api::AgentTask& task,
                                 std::string_view name);

// Lists what Felix would not accept of the device, or what makes peers unreachable, one phrase
// each. Felix recreates a device that differs in VNI, parent, source, port, MAC, GBP or learning.
std::vector<std::string> tunnel_problems(const HostState& state, const api::AgentTask& task,
                                         const Tunnel& tunnel, const netlink::Link& link);
// "has MTU 1400, wanted 1450", or empty.
std::string mtu_problem(const api::AgentTask& task, const Tunnel& tunnel,
                        const netlink::Link& link);
// True if the device's MTU is larger than the cluster's, which HandOver corrects: lowering it loses
// no packet that fits through the rest of the cluster, while a device with a smaller MTU loses
// packets that all others send.
bool is_too_large(const api::AgentTask& task, const Tunnel& tunnel, const netlink::Link& link);

// MTU of flannel's IPv4 device, which flannel's settings are about; nullopt if there is none.
std::optional<int> tunnel_mtu(const HostState& state, const api::AgentTask& task);

// Current settings of the device, without those that the kernel creates by itself.
DeviceState device_state_of(const HostState& state, std::uint32_t link);
// The part of `wanted` that the host does not have.
DeviceState missing(const DeviceState& wanted, const HostState& state);

}  // namespace hostnet
