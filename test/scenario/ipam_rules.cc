#include "scenario/ipam_rules.h"

#include "calico/names.h"
#include "migration/ipam/node_blocks.h"

#include <algorithm>
#include <set>

namespace scenario {
namespace {

std::ptrdiff_t reserved(const api::IpamBlock& block, const std::string& node) {
  return std::count_if(block.allocated.begin(), block.allocated.end(), [&](const auto& entry) {
    return entry.second == calico::reservation_handle(node);
  });
}

bool holds_tunnel(const api::IpamBlock& block, const std::string& node) {
  const auto held = block.allocated.find(0);
  return held != block.allocated.end() &&
         held->second == calico::tunnel_handle(node, block.cidr.family());
}

}  // namespace

void check_released(World& world, const std::string& node) {
  for (const auto& [cidr, block] : world.state.blocks) {
    if (reserved(block, node) > (holds_tunnel(block, node) ? 0 : 1))
      world.violate("addresses stay reserved on " + node);
  }
}

void check_kept(World& world, const std::string& node) {
  const auto& home = world.state.nodes.at(node).node;
  for (const auto& [cidr, block] : world.state.blocks) {
    const bool own =
        block.affinity == calico::host_affinity(node) && migration::is_home(home, cidr);
    if (own && block.allocated.empty())
      world.violate("block " + cidr.to_string() + " of " + node + " is empty");
  }
}

void check_nothing_reserved(World& world, const std::string& end) {
  // The blocks of a device and of a Windows node are kept at the end.
  std::set<std::string> kept;
  for (const auto& [name, node] : world.state.nodes) {
    const bool stays = !node.node.has_kubelet || node.node.os == "windows";
    if (stays && end == "Completed") kept.insert(name);
  }
  for (const auto& [id, handle] : world.state.handles) {
    const auto prefix = calico::reservation_handle("");
    if (id.starts_with(prefix) && !kept.contains(id.substr(prefix.size())))
      world.violate(end + " with a handle " + id);
  }
  for (const auto& [name, node] : world.state.nodes) {
    if (kept.contains(name)) continue;
    for (const auto& [cidr, block] : world.state.blocks) {
      if (reserved(block, name) > 0)
        world.violate(end + ", and addresses stay reserved on " + name);
    }
  }
}

}  // namespace scenario
