#include "scenario/stray_blocks.h"

#include "calico/names.h"
#include "fakes/build/objects.h"

namespace scenario {
namespace {

void give(World& world, const std::string& node, api::Pod& pod, api::IpamBlock& block) {
  for (auto& [cidr, other] : world.state.blocks) free_handle(world, other, pod_handle(pod));
  std::uint32_t ordinal = 1;
  while (block.allocated.contains(ordinal)) ++ordinal;
  block.allocated[ordinal] = pod_handle(pod);
  if (block.affinity != calico::host_affinity(node)) block.borrowed.emplace_back(ordinal, node);
  pod.ips.front() = block.cidr.address().plus(ordinal);
  world.touch(block.meta);
  world.touch(pod.meta);
}

}  // namespace

void claim(World& world, const std::string& node, const net::Cidr& cidr) {
  auto& state = world.state;
  if (const auto old = state.blocks.find(cidr); old != state.blocks.end()) {
    const auto host = calico::host_of(old->second.affinity);
    if (host) state.affinities.erase(calico::affinity_name(*host, cidr));
  }
  auto block = build::a_block(node, cidr.to_string());
  world.touch(block.meta);
  world.freed.erase(cidr);
  state.blocks[cidr] = std::move(block);
  auto affinity = build::an_affinity(node, cidr.to_string());
  world.touch(affinity.meta);
  state.affinities[affinity.meta.name] = std::move(affinity);
}

void fill(World& world, const std::string& node, const net::Cidr& cidr) {
  for (auto& [uid, pod] : world.pods(node)) {
    if (pod.on_pod_network() && !pod.ips.empty() && !pod.meta.deleting)
      give(world, node, pod, world.state.blocks.at(cidr));
  }
}

}  // namespace scenario
