#include "hostnet/felix_routes.h"

#include "hostnet/tunnel.h"

#include <algorithm>

namespace hostnet {
namespace {

bool is_blackhole(const netlink::Route& route) {
  return route.type == netlink::RouteType::Blackhole && route.table == netlink::kMainTable;
}

bool is_tunnel_route(const netlink::Route& route, const netlink::Link& tunnel) {
  return route.link == tunnel.index && route.type == netlink::RouteType::Unicast &&
         route.table == netlink::kMainTable && route.gateway.has_value();
}

}  // namespace

bool is_flannel_blackhole(const api::AgentTask& task, const netlink::Route& route) {
  const auto& cidrs = task.pod_cidrs;
  return is_blackhole(route) && route.protocol == netlink::kProtocolBoot &&
         std::find(cidrs.begin(), cidrs.end(), route.destination) != cidrs.end();
}

// Where a pod CIDR is no larger than a block, both blackholes have one destination. Felix never
// gives its own the protocol that flannel's has (calculateRouteProtocol, felix/dataplane/linux).
bool is_felix_blackhole(const api::AgentTask& task, const netlink::Route& route) {
  if (!is_blackhole(route) || is_flannel_blackhole(task, route)) return false;
  const auto& cidrs = task.pod_cidrs;
  return route.protocol == netlink::kProtocolFelix ||
         std::any_of(cidrs.begin(), cidrs.end(),
                     [&route](const auto& cidr) { return cidr.contains(route.destination); });
}

bool is_left_on_tunnel(const HostState& state, const api::AgentTask& task,
                       const netlink::Route& route) {
  const auto tunnels = tunnels_of(task);
  return std::any_of(tunnels.begin(), tunnels.end(), [&](const auto& tunnel) {
    const auto* link = find_tunnel(state, task, tunnel.flannel);
    if (link == nullptr || !is_tunnel_route(route, *link)) return false;
    return std::any_of(state.routes.begin(), state.routes.end(), [&](const auto& whole) {
      return is_tunnel_route(whole, *link) && whole.destination != route.destination &&
             whole.destination.contains(route.destination);
    });
  });
}

}  // namespace hostnet
