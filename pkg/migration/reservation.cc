#include "migration/reservation.h"

#include "calico/names.h"

#include <algorithm>

namespace migration {

LiveAddresses live_addresses(const NodeView& node, const std::set<net::IpAddress>& reported) {
  LiveAddresses live{reported, reported};
  for (const auto* pod : network_pods(*node.state))
    live.all.insert(pod->ips.begin(), pod->ips.end());
  for (const auto& cidr : node.node().pod_cidrs) live.all.insert(cidr.address().plus(1));
  return live;
}

std::set<net::IpAddress> bridge_addresses(const api::Node& node) {
  std::set<net::IpAddress> own;
  for (const auto& cidr : node.pod_cidrs) {
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
    auto& action = wanted.try_emplace(block->cidr, ReserveAddresses{node.name, block->cidr, {}, {}})
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
  // The handle first: a block must never name one that does not exist.
  if (!survey.cluster.handles.contains(id)) actions.emplace_back(CreateHandle{id, counts});
  for (auto& [cidr, action] : wanted) actions.emplace_back(std::move(action));
  for (const auto& handle : lost) actions.emplace_back(DeleteHandle{handle});
  return actions;
}

std::vector<Action> release_reservation(const Survey& survey, const NodeView& node) {
  const auto id = calico::reservation_handle(node.name);
  std::vector<Action> actions;
  const auto& blocks = survey.cluster.blocks;
  for (const auto& pod_cidr : node.node().pod_cidrs) {
    auto block = blocks.lower_bound(pod_cidr);
    for (; block != blocks.end() && pod_cidr.contains(block->first); ++block) {
      const auto& held = block->second.allocated;
      if (std::any_of(held.begin(), held.end(),
                      [&](const auto& entry) { return entry.second == id; })) {
        actions.emplace_back(ReleaseReservation{node.name, block->first});
      }
    }
  }
  if (survey.cluster.handles.contains(id)) actions.emplace_back(DeleteHandle{id});
  return actions;
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
