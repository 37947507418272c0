#include "hostnet/route_steps.h"

#include "hostnet/felix_routes.h"

#include <utility>

namespace hostnet {
void drop_felix_blackholes(HostPlanBuilder& builder) {
  for (const auto& route : builder.state.routes) {
    if (is_felix_blackhole(builder.task, route)) builder.add(DropRoute{route});
  }
}

// Looks at bridges only: a device of Calico's may have routes with that number too, as
// deviceRouteProtocol says.
void drop_hand_over_routes(HostPlanBuilder& builder) {
  for (const auto& route : builder.state.routes) {
    const auto* link = builder.state.find_link(route.link);
    if (route.protocol == kProtocolHandOver && link != nullptr && link->kind == "bridge")
      builder.add(DropRoute{route});
  }
}

void drop_peer_routes(HostPlanBuilder& builder) {
  auto left = left_on_tunnels(builder.state, builder.task);
  if (!left.empty()) builder.add(DropRoutes{std::move(left)});
}

}  // namespace hostnet
