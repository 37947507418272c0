#include "hostnet/lookups.h"

#include "hostnet/bridge.h"
#include "hostnet/felix_routes.h"
#include "hostnet/tunnel.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace hostnet {
namespace {

constexpr std::size_t kMaxBlocks = 1024;  // of a /16
// No block has more pods than this, whatever its size.
constexpr std::uint64_t kMaxTries = 1u << 12;

bool drops(netlink::RouteType type) {
  return type == netlink::RouteType::Blackhole || type == netlink::RouteType::Unreachable ||
         type == netlink::RouteType::Prohibit;
}

const char* name_of(netlink::RouteType type) {
  if (type == netlink::RouteType::Blackhole) return "blackhole";
  return type == netlink::RouteType::Unreachable ? "unreachable" : "prohibit";
}

std::set<net::IpAddress> with_own_route(const HostState& state) {
  std::set<net::IpAddress> all;
  for (const auto& route : state.routes) {
    if (route.destination.prefix() == route.destination.address().bits())
      all.insert(route.destination.address());
  }
  return all;
}

std::set<net::Cidr> blocks_of(const HostState& state, const api::AgentTask& task,
                              const net::Cidr& pod_cidr) {
  const int size = block_size(task, pod_cidr.family());
  const auto usual = pod_cidr.subnets(std::max(size, pod_cidr.prefix()), kMaxBlocks);
  std::set<net::Cidr> blocks(usual.begin(), usual.end());
  for (const auto& route : state.routes) {
    if (drops(route.type) && pod_cidr.contains(route.destination)) blocks.insert(route.destination);
  }
  return blocks;
}

// The first address of a pod CIDR is the tunnel's, the second one the bridge's.
net::IpAddress choose(const net::Cidr& block, const std::set<net::IpAddress>& routed) {
  const auto last = std::min(block.size(), kMaxTries);
  const std::uint64_t first = last > 2 ? 2 : 0;
  for (auto offset = first; offset < last; ++offset) {
    auto address = block.address().plus(offset);
    if (!routed.contains(address)) return address;
  }
  return block.address().plus(first);
}

// Returns the route of the main table with the longest prefix, then the lowest metric.
const netlink::Route* best_route(const HostState& state, const net::IpAddress& address) {
  const netlink::Route* best = nullptr;
  const auto rank = [](const auto& route) {
    return std::pair(-route.destination.prefix(), route.metric);
  };
  for (const auto& route : state.routes) {
    if (route.table != netlink::kMainTable || !route.destination.contains(address)) continue;
    if (best == nullptr || rank(route) < rank(*best)) best = &route;
  }
  return best;
}

// True for a route to all of this node's pod CIDR or more: the bridge's own route, once it is
// there, is more specific or has a lower metric.
bool yields_to_bridge(const api::AgentTask& task, const netlink::Route& route) {
  return std::any_of(task.pod_cidrs.begin(), task.pod_cidrs.end(), [&route](const auto& cidr) {
    return route.destination.contains(cidr) && (route.destination != cidr || route.metric > 0);
  });
}

// True if the drop is expected. flannel's own blackhole drops packets to addresses without a pod,
// if its bridge does not cover the pod CIDR; a blackhole of Felix's behind it still counts as a
// problem. An administrator's route drops packets only until the bridge is there.
bool is_excused(const HostState& state, const api::AgentTask& task, const net::IpAddress& address) {
  const auto any = [&](auto is_one) {
    return std::any_of(state.routes.begin(), state.routes.end(), [&](const auto& route) {
      return is_one(task, route) && route.destination.contains(address);
    });
  };
  if (any(is_flannel_blackhole) && !any(is_felix_blackhole)) return true;
  const auto* route = best_route(state, address);
  return route != nullptr && drops(route->type) && yields_to_bridge(task, *route);
}

}  // namespace

std::vector<Lookup> lookups(const HostState& state, const api::AgentTask& task) {
  // Canal's pods have a route each, and no bridge: a route that drops all other packets does not
  // affect them.
  if (is_or_was_canal(state, task)) return {};
  const auto routed = with_own_route(state);
  std::vector<Lookup> all;
  for (const auto& tunnel : tunnels_of(task)) {
    for (const auto& block : blocks_of(state, task, tunnel.pod_cidr))
      all.push_back({block, choose(block, routed)});
  }
  return all;
}

std::vector<std::string> dead_blocks(const HostState& state, const api::AgentTask& task) {
  std::vector<std::string> dead;
  for (const auto& [block, address] : lookups(state, task)) {
    const auto found = state.looked_up.find(address);
    if (found == state.looked_up.end() || !drops(found->second)) continue;
    if (!is_excused(state, task, address))
      dead.push_back(fmt::format("{} ({})", block.to_string(), name_of(found->second)));
  }
  return dead;
}

}  // namespace hostnet
