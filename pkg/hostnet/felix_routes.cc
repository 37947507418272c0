#include "hostnet/felix_routes.h"

#include "hostnet/tunnel.h"

#include <algorithm>
#include <iterator>
#include <set>

namespace hostnet {
namespace {

bool is_blackhole(const netlink::Route& route) {
  return route.type == netlink::RouteType::Blackhole && route.table == netlink::kMainTable;
}

bool is_tunnel_route(const netlink::Route& route, const netlink::Link& tunnel) {
  return route.link == tunnel.index && route.type == netlink::RouteType::Unicast &&
         route.table == netlink::kMainTable && route.gateway.has_value();
}

bool is_one_block(const api::AgentTask& task, const net::Cidr& pod_cidr) {
  return pod_cidr.prefix() >= block_size(task, pod_cidr.family());
}

// Of another one: a large cluster has tens of thousands of routes.
bool is_part(const net::Cidr& cidr, const std::set<net::Cidr>& all) {
  for (int prefix = cidr.prefix() - 1; prefix >= 0; --prefix) {
    if (all.contains(net::Cidr(cidr.address(), prefix))) return true;
  }
  return false;
}

}  // namespace

int block_size(const api::AgentTask& task, net::Family family) {
  return family == net::Family::V4 ? task.block_size : task.ipv6_block_size;
}

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
         std::any_of(cidrs.begin(), cidrs.end(), [&](const auto& cidr) {
           return cidr.contains(route.destination) &&
                  (cidr != route.destination || is_one_block(task, cidr));
         });
}

std::vector<netlink::Route> left_on_tunnels(const HostState& state, const api::AgentTask& task) {
  std::vector<netlink::Route> left;
  for (const auto& tunnel : tunnels_of(task)) {
    const auto* link = find_tunnel(state, task, tunnel.flannel);
    if (link == nullptr) continue;
    std::set<net::Cidr> all;
    for (const auto& route : state.routes) {
      const bool whole = route.destination.prefix() == tunnel.pod_cidr.prefix();
      if (whole && is_tunnel_route(route, *link)) all.insert(route.destination);
    }
    std::copy_if(state.routes.begin(), state.routes.end(), std::back_inserter(left),
                 [&](const auto& route) {
                   return is_tunnel_route(route, *link) && is_part(route.destination, all);
                 });
  }
  return left;
}

}  // namespace hostnet
