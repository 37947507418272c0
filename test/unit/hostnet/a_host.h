// Hosts as flannel leaves them, by value, and the little of a kernel that carries out a plan on
// them.
#pragma once

#include "hostnet/planner.h"

#include <cstddef>
#include <optional>
#include <string>

namespace a_host {

inline constexpr std::uint32_t kEth0 = 2;
inline constexpr std::uint32_t kTunnel = 5;
inline constexpr std::uint32_t kBridge = 6;
inline constexpr std::uint32_t kPod = 7;  // its end on the bridge
inline constexpr std::uint32_t kTunnelV6 = 8;
// Of flannel's leases, and of Canal's.
inline const std::string kLeases = "/var/lib/cni/networks/cbr0";
inline const std::string kCanalLeases = "/var/lib/cni/networks/k8s-pod-network";
inline const std::string kSavedCanalLeases = kCanalLeases + ".flannel-migration";

// Node n1 with 10.244.1.0/24, VNI 1, and the pod 10.244.1.7 on cni0.
hostnet::HostState on_flannel();
// The same after HandOver, with Felix's blackholes and the Calico pod 10.244.1.70.
hostnet::HostState on_calico();
hostnet::HostState dual_stack(hostnet::HostState host);

api::AgentTask task(api::AgentOperation operation);
api::AgentTask dual_stack(api::AgentTask task);
api::AgentTask clean(api::AgentNetwork network);

netlink::Link* link(hostnet::HostState& host, const std::string& name);
hostnet::CniConf conf(const std::string& file, hostnet::CniKind kind);
netlink::Route blackhole(const std::string& cidr, std::uint8_t protocol);

// Carries out one action on the value.
void apply(hostnet::HostState& host, const hostnet::HostAction& action);

// The actions of a plan, in words.
std::vector<std::string> described(const hostnet::HostPlan& plan);

struct End {
  hostnet::HostState host;
  hostnet::HostPlan plan;  // the last one
  std::size_t changes = 0;
};
// Observe, plan, act, to the end; at most `limit` changes, as if the agent was killed after them.
End run(hostnet::HostState host, const api::AgentTask& task,
        std::optional<std::size_t> limit = std::nullopt);

}  // namespace a_host
