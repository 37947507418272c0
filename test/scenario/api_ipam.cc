#include "scenario/api_ipam.h"

#include "calico/names.h"

#include <fmt/format.h>

namespace scenario {

using namespace migration;
using base::ErrorKind;

namespace {

void must_have_handle(World& world, const std::string& node) {
  if (!world.state.handles.contains(calico::reservation_handle(node)))
    world.violate("addresses of " + node + " are reserved before their handle exists");
}

}  // namespace

base::Result<void> create_block(World& world, const CreateBlock& a) {
  if (world.state.blocks.contains(a.cidr))
    return base::fail(ErrorKind::AlreadyExists, a.cidr.to_string());
  api::IpamBlock block;
  block.cidr = a.cidr;
  block.meta.name = calico::cidr_name(a.cidr);
  block.affinity = calico::host_affinity(a.node);
  if (a.holds_vtep) block.allocated[0] = calico::tunnel_handle(a.node, a.cidr.family());
  if (a.placeholder) {
    must_have_handle(world, a.node);
    block.allocated[*a.placeholder] = calico::reservation_handle(a.node);
  }
  world.touch(block.meta);
  world.state.blocks[a.cidr] = block;
  return {};
}

base::Result<void> create_affinity(World& world, const CreateAffinity& a) {
  const auto block = world.state.blocks.find(a.cidr);
  if (block == world.state.blocks.end() ||
      block->second.affinity != calico::host_affinity(a.node)) {
    world.violate("an affinity was confirmed before its block: " + a.cidr.to_string());
  }
  api::BlockAffinity affinity;
  affinity.meta.name = calico::affinity_name(a.node, a.cidr);
  if (world.state.affinities.contains(affinity.meta.name)) return {};
  affinity.node = a.node;
  affinity.cidr = a.cidr;
  affinity.state = "confirmed";
  affinity.type = "host";
  world.touch(affinity.meta);
  world.state.affinities[affinity.meta.name] = affinity;
  return {};
}

base::Result<void> create_handle(World& world, const CreateHandle& a) {
  if (world.state.handles.contains(a.handle_id) && !a.correct) return {};
  api::IpamHandle handle;
  handle.meta.name = calico::handle_name(a.handle_id);
  handle.handle_id = a.handle_id;
  for (const auto& [cidr, count] : a.blocks) handle.blocks[cidr.to_string()] = count;
  world.touch(handle.meta);
  world.state.handles[a.handle_id] = handle;
  return {};
}

base::Result<void> allocate_vtep(World& world, const AllocateVtep& a) {
  const auto found = world.state.blocks.find(a.block);
  if (found == world.state.blocks.end())
    return base::fail(ErrorKind::NotFound, a.block.to_string());
  const auto id = calico::tunnel_handle(a.node, a.block.family());
  const auto [held, added] = found->second.allocated.emplace(0, id);
  if (!added && held->second != id) return base::fail(ErrorKind::Conflict, held->second);
  if (added) world.touch(found->second.meta);
  return {};
}

base::Result<void> reserve_addresses(World& world, const ReserveAddresses& a) {
  const auto found = world.state.blocks.find(a.block);
  if (found == world.state.blocks.end())
    return base::fail(ErrorKind::NotFound, a.block.to_string());
  const auto id = calico::reservation_handle(a.node);
  must_have_handle(world, a.node);
  for (const auto ordinal : a.left_behind) found->second.allocated.erase(ordinal);
  for (const auto ordinal : a.ordinals) {
    if (found->second.allocated.emplace(ordinal, id).second) world.touch(found->second.meta);
  }
  return {};
}

base::Result<void> release_reserved(World& world, const ReleaseReservation& a) {
  const auto found = world.state.blocks.find(a.block);
  if (found == world.state.blocks.end()) return {};
  for (const auto ordinal : a.ordinals) {
    const auto held = found->second.allocated.find(ordinal);
    if (held == found->second.allocated.end() || held->second != calico::reservation_handle(a.node))
      continue;
    world.freed[a.block].push_back(ordinal);
    found->second.allocated.erase(held);
    world.touch(found->second.meta);
  }
  return {};
}

base::Result<void> delete_block(World& world, const DeleteBlock& a) {
  for (auto block = world.state.blocks.begin(); block != world.state.blocks.end(); ++block) {
    if (block->second.meta.name != a.name) continue;
    if (!a.resource_version.empty() && a.resource_version != block->second.meta.resource_version)
      return base::fail(ErrorKind::Conflict, "the block has changed");
    for (const auto& [name, node] : world.state.nodes) {
      for (const auto* pod : living_on(world, name, Network::Calico)) {
        if (block->first.contains(pod->ips.front()))
          world.violate("block " + a.name + " was deleted under pod " + pod->meta.name);
      }
    }
    world.freed.erase(block->first);
    world.state.blocks.erase(block);
    ++world.version;
    return {};
  }
  return {};
}

}  // namespace scenario
