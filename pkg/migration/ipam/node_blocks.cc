#include "migration/ipam/node_blocks.h"

#include "calico/names.h"

#include <algorithm>

namespace migration {
namespace {

void add_known(const ClusterState& cluster, const api::Node& node, std::set<net::IpAddress>& live) {
  if (!cluster.far_pods) return;
  const auto pods = cluster.far_pods->find(node.meta.name);
  if (pods == cluster.far_pods->end()) return;
  for (const auto& [uid, address] : pods->second) live.insert(address);
}

// The blocks of far addresses, and those behind the highest one.
std::set<net::Cidr> far_blocks(const api::Node& node, int block_size,
                               const std::set<net::IpAddress>& live) {
  std::set<net::Cidr> blocks;
  for (const auto& address : live) {
    if (is_far(node, address)) blocks.emplace(address, block_size);
  }
  if (blocks.empty()) return blocks;
  for (const auto& next : next_blocks(node, *blocks.rbegin())) blocks.insert(next);
  return blocks;
}

}  // namespace

std::optional<net::Cidr> pod_cidr(const api::Node& node, net::Family family) {
  for (const auto& cidr : node.pod_cidrs) {
    if (cidr.family() == family) return cidr;
  }
  return std::nullopt;
}

bool is_home(const api::Node& node, const net::Cidr& cidr) {
  const auto own = pod_cidr(node, cidr.family());
  return own && own->contains(cidr);
}

bool is_far(const api::Node& node, const net::IpAddress& address) {
  const auto cidr = pod_cidr(node, net::Family::V6);
  return cidr && cidr->contains(address) &&
         address.minus(cidr->address()) >= api::kFirstIpv6Addresses - api::kNextIpv6Addresses;
}

std::vector<net::Cidr> next_blocks(const api::Node& node, const net::Cidr& block,
                                   std::uint64_t pods) {
  std::vector<net::Cidr> blocks;
  const std::uint64_t step = block.size();
  for (auto ahead = step; ahead <= std::max(step, pods); ahead += step) {
    const net::Cidr next(block.address().plus(ahead), block.prefix());
    if (is_home(node, next)) blocks.push_back(next);
  }
  return blocks;
}

std::vector<net::Cidr> blocks_of_node(const ClusterState& cluster, const api::Node& node,
                                      net::Family family, int block_size,
                                      std::set<net::IpAddress> live) {
  auto blocks = api::first_blocks(*pod_cidr(node, family), block_size);
  if (family == net::Family::V4 || blocks.empty()) return blocks;
  add_known(cluster, node, live);
  auto far = far_blocks(node, block_size, live);
  for (const auto& first : blocks) far.erase(first);
  blocks.insert(blocks.end(), far.begin(), far.end());
  return blocks;
}

std::set<std::string> handles_of_node(const std::string& node) {
  return {calico::reservation_handle(node), calico::tunnel_handle(node, net::Family::V4),
          calico::tunnel_handle(node, net::Family::V6)};
}

std::set<std::string> pod_handles(const ClusterState& cluster, const api::IpamBlock& block) {
  std::set<std::string> handles;
  for (const auto& [ordinal, handle] : block.allocated) {
    if (!handle.empty() && !cluster.handles.contains(handle)) handles.insert(handle);
  }
  return handles;
}

// Looks at the last block that does not begin behind the address: no other block can hold it.
const api::IpamBlock* block_at(const ClusterState& cluster, const net::IpAddress& address) {
  auto block = cluster.blocks.upper_bound(net::Cidr(address, address.bits()));
  if (block == cluster.blocks.begin()) return nullptr;
  --block;
  return block->first.contains(address) ? &block->second : nullptr;
}

}  // namespace migration
