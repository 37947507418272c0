#include "api/names.h"
#include "calico/names.h"
#include "scenario/controllers.h"

#include <algorithm>

namespace scenario {
namespace {

constexpr std::string_view kPods = "k8s-pod-network.";

std::set<std::string> living_handles(const World& world) {
  std::set<std::string> handles;
  for (const auto& [name, node] : world.state.nodes) {
    for (const auto& [uid, pod] : *node.pods) handles.insert(pod_handle(pod));
  }
  return handles;
}

void free_leaks(World& world) {
  const auto living = living_handles(world);
  for (auto& [cidr, block] : world.state.blocks) {
    std::set<std::string> leaked;
    for (const auto& [ordinal, handle] : block.allocated) {
      if (handle.starts_with(kPods) && !living.contains(handle)) leaked.insert(handle);
    }
    for (const auto& handle : leaked) free_handle(world, block, handle);
  }
}

bool is_being_migrated(const World& world, const std::string& name) {
  const auto node = world.state.nodes.find(name);
  if (node == world.state.nodes.end()) return false;
  const auto* label = node->second.node.meta.label(api::kNetworkLabel);
  return label != nullptr && *label != "calico";
}

void release_empty_blocks(World& world) {
  auto& blocks = world.state.blocks;
  std::map<std::string, int> count;
  for (const auto& [cidr, block] : blocks) {
    if (const auto host = calico::host_of(block.affinity)) ++count[std::string(*host)];
  }
  for (auto block = blocks.begin(); block != blocks.end();) {
    const auto host = calico::host_of(block->second.affinity);
    const auto node = std::string(host.value_or(""));
    const bool needed = !host || !block->second.allocated.empty() || count[node] <= 1 ||
                        is_being_migrated(world, node);
    if (needed) {
      ++block;
      continue;
    }
    --count[node];
    world.state.affinities.erase(calico::affinity_name(node, block->first));
    world.freed.erase(block->first);
    block = blocks.erase(block);
    ++world.version;
  }
}

}  // namespace

void collect_garbage(World& world) {
  free_leaks(world);
  release_empty_blocks(world);
}

}  // namespace scenario
