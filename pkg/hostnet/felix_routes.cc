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

bool is_one_block(const api::AgentTask& task, const net::Cidr& pod_cidr) {
  return pod_cidr.prefix() >= block_size(task, pod_cidr.family());
}

// Destinations that flannel has a route to, and the peers through which they are reached.
struct Whole {
  std::set<net::Cidr> cidrs;
  std::set<net::IpAddress> vteps;
};

Whole whole_on(const HostState& state, const Tunnel& tunnel, const netlink::Link& link) {
  Whole whole;
  for (const auto& route : state.routes) {
    if (route.destination.prefix() != tunnel.pod_cidr.prefix()) continue;
    if (!is_tunnel_route(route, link)) continue;
    whole.cidrs.insert(route.destination);
    whole.vteps.insert(*route.gateway);
  }
  return whole;
}

// True if the CIDR is a part of another one. Looks prefixes up, as a large cluster has tens of
// thousands of routes.
bool is_part(const net::Cidr& cidr, const std::set<net::Cidr>& all) {
  for (int prefix = cidr.prefix() - 1; prefix >= 0; --prefix) {
    if (all.contains(net::Cidr(cidr.address(), prefix))) return true;
  }
  return false;
}

// The block of a peer that lies in no pod CIDR that flannel has a route to.
bool is_stray_block(const api::AgentTask& task, const netlink::Route& route, const Whole& whole) {
  const auto& block = route.destination;
  return block.prefix() == block_size(task, block.family()) &&
         route.protocol == task.route_protocol && !whole.cidrs.contains(block) &&
         whole.vteps.contains(*route.gateway);
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

// If a pod CIDR is no larger than a block, both blackholes have the same destination. Felix's never
// has the protocol of flannel's (calculateRouteProtocol, felix/dataplane/linux).
bool is_felix_blackhole(const api::AgentTask& task, const netlink::Route& route) {
  if (!is_blackhole(route) || is_flannel_blackhole(task, route)) return false;
  const auto& cidrs = task.pod_cidrs;
  return route.protocol == netlink::kProtocolFelix ||
         std::any_of(cidrs.begin(), cidrs.end(), [&](const auto& cidr) {
           return cidr.contains(route.destination) &&
                  (cidr != route.destination || is_one_block(task, cidr));
         });
}

bool is_tunnel_route(const netlink::Route& route, const netlink::Link& tunnel) {
  return route.link == tunnel.index && route.type == netlink::RouteType::Unicast &&
         route.table == netlink::kMainTable && route.gateway.has_value();
}

std::vector<netlink::Route> left_on_tunnels(const HostState& state, const api::AgentTask& task) {
  std::vector<netlink::Route> left;
  for (const auto& tunnel : tunnels_of(task)) {
    const auto* link = find_tunnel(state, task, tunnel.flannel);
    if (link == nullptr) continue;
    const auto whole = whole_on(state, tunnel, *link);
    std::copy_if(
        state.routes.begin(), state.routes.end(), std::back_inserter(left), [&](const auto& route) {
          return is_tunnel_route(route, *link) &&
                 (is_part(route.destination, whole.cidrs) || is_stray_block(task, route, whole));
        });
  }
  return left;
}

}  // namespace hostnet
