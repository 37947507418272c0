#include "migration/ipam/reservation.h"

#include "calico/names.h"
#include "migration/ipam/placeholder.h"

#include <algorithm>

namespace migration {
namespace {

std::vector<const api::IpamBlock*> home_blocks(const Survey& survey, const NodeView& node) {
  std::vector<const api::IpamBlock*> found;
  const auto& blocks = survey.cluster.blocks;
  for (const auto& pod_cidr : node.node().pod_cidrs) {
    auto block = blocks.lower_bound(pod_cidr);
    for (; block != blocks.end() && pod_cidr.contains(block->first); ++block)
      found.push_back(&block->second);
  }
  return found;
}

// `choose` returns the ordinals of a block that are released. The handle goes with the last
// address.
template <typename Choose>
std::vector<Action> release(const Survey& survey, const NodeView& node, const Choose& choose) {
  std::vector<Action> actions;
  bool used = false;
  for (const auto* block : home_blocks(survey, node)) {
    const auto chosen = choose(*block);
    used = used || chosen.size() < reserved_in(*block, node.name).size();
    if (!chosen.empty()) actions.emplace_back(ReleaseReservation{node.name, block->cidr, chosen});
  }
  const auto id = calico::reservation_handle(node.name);
  if (!used && survey.cluster.handles.contains(id)) actions.emplace_back(DeleteHandle{id});
  return actions;
}

}  // namespace

LiveAddresses live_addresses(const NodeView& node, const std::set<net::IpAddress>& reported) {
  LiveAddresses live{reported, reported};
  for (const auto* pod : network_pods(*node.state))
    live.all.insert(pod->ips.begin(), pod->ips.end());
  live.all.merge(bridge_addresses(node.node()));
  return live;
}

std::set<net::IpAddress> bridge_addresses(const api::Node& node) {
  std::set<net::IpAddress> own;
  for (const auto& cidr : node.pod_cidrs) {
    own.insert(cidr.address());
    own.insert(cidr.address().plus(1));
    if (cidr.family() == net::Family::V4) own.insert(cidr.address().plus(cidr.size() - 1));
  }
  return own;
}

std::vector<Action> reserve(const Survey& survey, const NodeView& node, const LiveAddresses& live) {
  const auto id = calico::reservation_handle(node.name);
  std::map<net::Cidr, ReserveAddresses> wanted;
  std::set<std::string> lost;  // handles of pods that are gone
  for (const auto& address : live.all) {
    const auto* block = block_at(survey.cluster, address);
    if (block == nullptr || block->affinity != calico::host_affinity(node.name)) continue;
    const auto ordinal = static_cast<std::uint32_t>(address.minus(block->cidr.address()));
    const auto holder = block->allocated.find(ordinal);
    const bool held = holder != block->allocated.end();
    if (held && (holder->second == id || !live.on_bridge.contains(address))) continue;
    auto& action = wanted
                       .try_emplace(block->cidr, ReserveAddresses{.node = node.name,
                                                                  .block = block->cidr,
                                                                  .ordinals = {},
                                                                  .left_behind = {}})
                       .first->second;
    action.ordinals.insert(ordinal);
    if (!held) continue;
    action.left_behind.insert(ordinal);
    if (!holder->second.empty()) lost.insert(holder->second);
  }
  std::vector<Action> actions;
  if (wanted.empty()) return actions;
  std::map<net::Cidr, int> counts;
  for (const auto& [cidr, action] : wanted) counts[cidr] = static_cast<int>(action.ordinals.size());
  // The handle comes first: a block must never name a handle that does not exist.
  if (!survey.cluster.handles.contains(id)) actions.emplace_back(CreateHandle{id, counts});
  for (auto& [cidr, action] : wanted) actions.emplace_back(std::move(action));
  for (const auto& handle : lost) actions.emplace_back(DeleteHandle{handle});
  return actions;
}

std::vector<Action> release_reservation(const Survey& survey, const NodeView& node) {
  return release(survey, node, [&node](const auto& block) { return spare_in(block, node.name); });
}

std::vector<Action> release_unused(const Survey& survey, const NodeView& node) {
  auto used = bridge_addresses(node.node());
  // Pods that have ended count, too: a pod is gone when its object is.
  for (const auto& [uid, pod] : *node.state->pods) used.insert(pod.ips.begin(), pod.ips.end());
  return release(survey, node, [&](const api::IpamBlock& block) {
    auto spare = spare_in(block, node.name);
    std::erase_if(spare,
                  [&](auto ordinal) { return used.contains(block.cidr.address().plus(ordinal)); });
    return spare;
  });
}

std::vector<Action> release_everything(const Survey& survey, const NodeView& node) {
  return release(survey, node,
                 [&node](const auto& block) { return reserved_in(block, node.name); });
}

std::uint64_t free_addresses(const Survey& survey, const NodeView& node) {
  std::map<net::Family, std::uint64_t> left;
  for (const auto* block : home_blocks(survey, node)) {
    if (block->affinity == calico::host_affinity(node.name))
      left[block->cidr.family()] +=
          block->cidr.size() - std::min<std::uint64_t>(block->cidr.size(), block->allocated.size());
  }
  const auto fewest = std::min_element(
      left.begin(), left.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return fewest == left.end() ? 0 : fewest->second;
}

bool is_reserved(const Survey& survey, const NodeView& node, const net::IpAddress& address) {
  const auto id = calico::reservation_handle(node.name);
  const auto* block = block_at(survey.cluster, address);
  if (block == nullptr) return false;
  const auto held =
      block->allocated.find(static_cast<std::uint32_t>(address.minus(block->cidr.address())));
  return held != block->allocated.end() && held->second == id;
}

}  // namespace migration
