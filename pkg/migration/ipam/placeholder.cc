#include "migration/ipam/placeholder.h"

#include "calico/names.h"

namespace migration {
namespace {

// A smaller block has no placeholder: without one of its four addresses a node might have too few
// for its pods.
constexpr std::uint64_t kSmallest = 8;

bool holds_tunnel(const api::IpamBlock& block, const std::string& node) {
  const auto held = block.allocated.find(0);
  return held != block.allocated.end() &&
         held->second == calico::tunnel_handle(node, block.cidr.family());
}

}  // namespace

std::optional<std::uint32_t> placeholder_for(const net::Cidr& block) {
  const auto size = block.size();
  if (size < kSmallest) return std::nullopt;
  return static_cast<std::uint32_t>(size - 1);
}

std::set<std::uint32_t> reserved_in(const api::IpamBlock& block, const std::string& node) {
  const auto handle = calico::reservation_handle(node);
  std::set<std::uint32_t> reserved;
  for (const auto& [ordinal, holder] : block.allocated) {
    if (holder == handle) reserved.insert(ordinal);
  }
  return reserved;
}

std::set<std::uint32_t> spare_in(const api::IpamBlock& block, const std::string& node) {
  auto spare = reserved_in(block, node);
  const bool keeps_one = placeholder_for(block.cidr) && !holds_tunnel(block, node);
  if (keeps_one && !spare.empty()) spare.erase(std::prev(spare.end()));
  return spare;
}

std::optional<std::uint32_t> missing_placeholder(const api::IpamBlock& block,
                                                 const std::string& node) {
  auto ordinal = placeholder_for(block.cidr);
  if (!ordinal || holds_tunnel(block, node) || !reserved_in(block, node).empty())
    return std::nullopt;
  while (block.allocated.contains(*ordinal)) {
    if (*ordinal == 0) return std::nullopt;
    --*ordinal;
  }
  return ordinal;
}

}  // namespace migration
