#include "hostnet/peer_routes.h"

#include "api/first_blocks.h"
#include "hostnet/felix_routes.h"

#include <map>

namespace hostnet {
namespace {

// True for flannel's route to a peer: the gateway is the first address of the peer's pod CIDR. A
// route that covers this node's own pod CIDR is an administrator's.
bool is_whole(const netlink::Route& route, const netlink::Link& link, const Tunnel& tunnel) {
  return is_tunnel_route(route, link) && route.gateway == route.destination.address() &&
         !route.destination.overlaps(tunnel.pod_cidr);
}

// The peer through which each block is reached.
using Blocks = std::map<net::Cidr, net::IpAddress>;

Blocks derived_blocks(const HostState& state, const api::AgentTask& task, const Tunnel& tunnel,
                      const netlink::Link& link) {
  const int size = block_size(task, tunnel.family);
  Blocks blocks;
  for (const auto& route : state.routes) {
    if (route.destination.family() != tunnel.family || !is_whole(route, link, tunnel)) continue;
    for (const auto& block : api::first_blocks(route.destination, size, api::kDerivedIpv6Addresses))
      blocks.emplace(block, *route.gateway);
  }
  return blocks;
}

// The routes that the kernel would replace, by destination.
std::map<net::Cidr, const netlink::Route*> laid_routes(const HostState& state, net::Family family) {
  std::map<net::Cidr, const netlink::Route*> laid;
  for (const auto& route : state.routes) {
    const bool same_key = route.table == netlink::kMainTable && route.metric == 0;
    if (same_key && route.destination.family() == family) laid.emplace(route.destination, &route);
  }
  return laid;
}

}  // namespace

std::vector<netlink::Route> peer_routes(const HostState& state, const api::AgentTask& task,
                                        const Tunnel& tunnel, const netlink::Link& link) {
  auto blocks = derived_blocks(state, task, tunnel, link);
  // The operator knows the owner of a block that lies in another node's pod CIDR.
  for (const auto& [block, vtep] : task.peer_blocks) {
    if (block.family() == tunnel.family) blocks.insert_or_assign(block, vtep);
  }
  std::vector<netlink::Route> routes;
  routes.reserve(blocks.size());
  for (const auto& [block, vtep] : blocks) {
    netlink::Route route;
    route.destination = block;
    route.link = link.index;
    route.gateway = vtep;
    route.protocol = static_cast<std::uint8_t>(task.route_protocol);
    route.onlink = true;
    routes.push_back(route);
  }
  return routes;
}

std::vector<netlink::Route> missing_peer_routes(const HostState& state, const api::AgentTask& task,
                                                const Tunnel& tunnel, const netlink::Link& link) {
  const auto laid = laid_routes(state, tunnel.family);
  auto routes = peer_routes(state, task, tunnel, link);
  std::erase_if(routes, [&](const auto& route) {
    const auto found = laid.find(route.destination);
    return found != laid.end() && (found->second->link != link.index || *found->second == route);
  });
  return routes;
}

}  // namespace hostnet
