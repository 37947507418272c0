#include "calico/names.h"
#include "fakes/build/objects.h"
#include "scenario/kubelet.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

using migration::Network;

// host-local: between the bridge's own; the first free one, which serves as well here.
std::optional<net::IpAddress> from_flannel(Host& host, const net::Cidr& cidr,
                                           const std::string& uid) {
  if (cidr.family() == net::Family::V6) {
    while (!host.leases.emplace(cidr.address().plus(host.next_v6), uid).second) ++host.next_v6;
    return cidr.address().plus(host.next_v6++);
  }
  for (std::uint64_t offset = 2; offset < cidr.size() - 1; ++offset) {
    const auto address = cidr.address().plus(offset);
    if (host.leases.emplace(address, uid).second) return address;
  }
  return std::nullopt;
}

// In the order of the block's list of free ones: those that were freed stand at its end.
std::optional<std::uint32_t> next_free(const World& world, const api::IpamBlock& block) {
  const auto found = world.freed.find(block.cidr);
  const auto used = found == world.freed.end() ? std::vector<std::uint32_t>{} : found->second;
  for (std::uint32_t ordinal = 0; ordinal < block.cidr.size(); ++ordinal) {
    if (std::find(used.begin(), used.end(), ordinal) != used.end()) continue;
    if (!block.allocated.contains(ordinal)) return ordinal;
  }
  for (const auto ordinal : used) {
    if (!block.allocated.contains(ordinal)) return ordinal;
  }
  return std::nullopt;
}

// Unless it is told not to, Calico claims a further block anywhere in its pool.
bool claim_block(World& world, const std::string& node) {
  const auto& config = world.state.ipam_config;
  if (config && !config->auto_allocate_blocks) return false;
  for (const auto& cidr : net::Cidr::parse("10.244.224.0/19").value().subnets(26, 64)) {
    if (world.state.blocks.contains(cidr)) continue;
    auto block = build::a_block(node, cidr.to_string());
    world.touch(block.meta);
    world.state.blocks[cidr] = block;
    const auto affinity = build::an_affinity(node, cidr.to_string());
    world.state.affinities[affinity.meta.name] = affinity;
    return true;
  }
  return false;
}

// Calico looks for a node's blocks among the affinities.
bool has_affinity(const World& world, const std::string& node, const api::IpamBlock& block) {
  return block.affinity == calico::host_affinity(node) &&
         world.state.affinities.contains(calico::affinity_name(node, block.cidr));
}

// Calico's IPAM: from the node's own blocks first.
std::optional<net::IpAddress> from_calico(World& world, const std::string& node, net::Family family,
                                          const std::string& handle) {
  for (auto& [cidr, block] : world.state.blocks) {
    if (cidr.family() != family || !has_affinity(world, node, block)) continue;
    const auto ordinal = next_free(world, block);
    if (!ordinal) continue;
    block.allocated[*ordinal] = handle;
    std::erase(world.freed[cidr], *ordinal);
    world.touch(block.meta);
    return cidr.address().plus(*ordinal);
  }
  if (family != net::Family::V4 || !claim_block(world, node)) return std::nullopt;
  return from_calico(world, node, family, handle);
}

}  // namespace

bool attach(World& world, const std::string& node, api::Pod& pod) {
  Host& host = world.hosts.at(node);
  const auto& cidrs = world.state.nodes.at(node).node.pod_cidrs;
  if (host.cni == Network::None || cidrs.empty()) return false;
  for (const auto& cidr : cidrs) {
    const auto address = host.cni == Network::Flannel
                             ? from_flannel(host, cidr, pod.meta.uid)
                             : from_calico(world, node, cidr.family(), pod_handle(pod));
    if (!address) {
      world.unlucky.insert(pod.meta.uid);
      return false;
    }
    pod.ips.push_back(*address);
  }
  host.attached[pod.meta.uid] = host.cni;
  return true;
}

void detach(World& world, const std::string& node, const api::Pod& pod) {
  Host& host = world.hosts.at(node);
  host.attached.erase(pod.meta.uid);
  host.cut_off.erase(pod.meta.uid);
  if (host.cni == Network::Flannel) {
    std::erase_if(host.leases, [&](const auto& entry) { return entry.second == pod.meta.uid; });
  }
  if (host.cni != Network::Calico) return;
  for (auto& [cidr, block] : world.state.blocks) free_handle(world, block, pod_handle(pod));
}

}  // namespace scenario
