#include "migration/ipam/ipam_handle.h"

#include <algorithm>

namespace migration {
namespace {

bool holds_any(const ClusterState& cluster, const net::Cidr& cidr, const std::string& id) {
  const auto block = cluster.blocks.find(cidr);
  if (block == cluster.blocks.end()) return false;
  const auto& held = block->second.allocated;
  return std::any_of(held.begin(), held.end(),
                     [&id](const auto& entry) { return entry.second == id; });
}

}  // namespace

std::optional<CreateHandle> missing_handle(const ClusterState& cluster, const std::string& id,
                                           HandleBlocks wanted) {
  const auto found = cluster.handles.find(id);
  if (found == cluster.handles.end() || found->second.deleted)
    return CreateHandle{id, std::move(wanted)};
  bool right = true;
  for (const auto& [text, count] : found->second.blocks) {
    const auto cidr = net::Cidr::parse(text);
    const bool known = cidr && (wanted.contains(*cidr) || holds_any(cluster, *cidr, id));
    if (known) wanted[*cidr] = count;
    right = right && known;
  }
  if (right && wanted.size() == found->second.blocks.size()) return std::nullopt;
  return CreateHandle{id, std::move(wanted), true};
}

}  // namespace migration
