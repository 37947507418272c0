#include "scenario/controllers.h"

namespace scenario {

void run_node_lifecycle(World& world) {
  for (auto& [name, node] : world.state.nodes) {
    if (world.no_route.contains(name)) node.node.network_unavailable = "NoRouteCreated";
    const bool wanted = node.node.network_unavailable.has_value();
    if (node.node.network_taint == wanted) continue;
    node.node.network_taint = wanted;
    world.touch(node.node.meta);
  }
}

}  // namespace scenario
