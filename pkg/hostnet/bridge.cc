#include "hostnet/bridge.h"

#include "hostnet/paths.h"

#include <fmt/format.h>

#include <algorithm>

namespace hostnet {
namespace {

bool is_host_route(const netlink::Route& route) {
  return route.destination.prefix() == route.destination.address().bits() &&
         route.type == netlink::RouteType::Unicast && route.table == netlink::kMainTable;
}

}  // namespace

std::string bridge_name(const HostState& state) {
  const auto found = std::find_if(state.cni.begin(), state.cni.end(),
                                  [](const auto& conf) { return conf.kind == CniKind::Flannel; });
  const auto* conf = found == state.cni.end() ? nullptr : &*found;
  return conf == nullptr || conf->bridge.empty() ? "cni0" : conf->bridge;
}

bool in_pod_cidrs(const api::AgentTask& task, const net::IpAddress& address) {
  return std::any_of(task.pod_cidrs.begin(), task.pod_cidrs.end(),
                     [&address](const auto& cidr) { return cidr.contains(address); });
}

bool is_flannel_bridge(const HostState& state, const api::AgentTask& task,
                       const netlink::Link& link) {
  if (link.kind != "bridge") return false;
  return std::any_of(state.addresses.begin(), state.addresses.end(), [&](const auto& one) {
    return one.link == link.index && in_pod_cidrs(task, one.address);
  });
}

std::string bridge_problem(const HostState& state, const api::AgentTask& task) {
  const auto name = bridge_name(state);
  const auto* link = state.find_link(name);
  if (link == nullptr || is_flannel_bridge(state, task, *link)) return {};
  if (link->kind != "bridge")
    return fmt::format("{} is no bridge but of kind '{}'", name, link->kind);
  return fmt::format("{} has no address of this node's pod networks", name);
}

const netlink::Link* find_bridge(const HostState& state, const api::AgentTask& task) {
  const auto* link = state.find_link(bridge_name(state));
  return link != nullptr && is_flannel_bridge(state, task, *link) ? link : nullptr;
}

std::vector<std::string> ports_of(const HostState& state, const netlink::Link& bridge) {
  std::vector<std::string> ports;
  for (const auto& link : state.links) {
    if (link.master == bridge.index) ports.push_back(link.name);
  }
  return ports;
}

std::set<net::IpAddress> flannel_pods(const HostState& state, const api::AgentTask& task) {
  std::set<net::IpAddress> pods;
  for (const auto& lease : state.leases) {
    if (!lease.ours && in_pod_cidrs(task, lease.address)) pods.insert(lease.address);
  }
  const auto* bridge = find_bridge(state, task);
  if (bridge == nullptr) return pods;
  for (const auto& neighbour : state.neighbours) {
    const bool known = (neighbour.state & netlink::kNeighbourKnown) != 0;
    if (neighbour.link == bridge->index && known && in_pod_cidrs(task, neighbour.address))
      pods.insert(neighbour.address);
  }
  return pods;
}

std::set<net::IpAddress> bridge_addresses(const HostState& state, const api::AgentTask& task) {
  std::set<net::IpAddress> own;
  const auto* bridge = find_bridge(state, task);
  if (bridge == nullptr) return own;
  for (const auto& one : state.addresses) {
    if (one.link != bridge->index || !in_pod_cidrs(task, one.address)) continue;
    const net::Cidr network(one.address, one.prefix);
    own.insert({one.address, network.address()});
    if (network.family() == net::Family::V4) own.insert(network.address().plus(network.size() - 1));
  }
  return own;
}

std::set<net::IpAddress> calico_pods(const HostState& state, const api::AgentTask& task) {
  std::set<net::IpAddress> pods;
  for (const auto& route : state.routes) {
    const auto* link = is_host_route(route) ? state.find_link(route.link) : nullptr;
    if (link == nullptr || !link->name.starts_with("cali")) continue;
    if (in_pod_cidrs(task, route.destination.address())) pods.insert(route.destination.address());
  }
  return pods;
}

bool is_canal(const HostState& state) {
  const auto* conf = state.flannel_conf();
  return conf != nullptr && conf->kind == CniKind::Canal;
}

std::string flannel_network(const HostState& state, const api::AgentTask& task) {
  if (is_canal(state)) return std::string(kCanalNetwork);
  const auto* conf = state.flannel_conf();
  if (conf != nullptr && !conf->network.empty()) return conf->network;
  return task.lease_network.empty() ? std::string(kFlannelNetwork) : task.lease_network;
}

bool is_or_was_canal(const HostState& state, const api::AgentTask& task) {
  return flannel_network(state, task) == kCanalNetwork;
}

}  // namespace hostnet
