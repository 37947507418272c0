#include "migration/ipam/peer_blocks.h"

#include "api/first_blocks.h"
#include "calico/names.h"
#include "migration/ipam/node_blocks.h"

#include <map>
#include <optional>

namespace migration {
namespace {

// A block takes some 80 bytes, and an API server accepts an object of 1.5 MB.
constexpr std::size_t kMaxPeerBlocks = 10'000;

// The offset of a block in its node's IPv6 pod CIDR; nullopt for any other block.
std::optional<std::uint64_t> ipv6_offset(const api::Node& peer, const net::Cidr& block) {
  if (block.family() == net::Family::V4 || !is_home(peer, block)) return std::nullopt;
  return block.address().minus(pod_cidr(peer, net::Family::V6)->address());
}

// While a node is handed over its peers go on starting pods, each with an address of its own, and
// the blocks that their pods need already are not all claimed.
constexpr std::uint64_t kPodsMeanwhile = 256;

bool is_derived(const api::Node& peer, const net::Cidr& block) {
  if (block.family() == net::Family::V4) return is_home(peer, block);
  return ipv6_offset(peer, block).value_or(api::kDerivedIpv6Addresses) < api::kDerivedIpv6Addresses;
}

class Collector {
 public:
  explicit Collector(const Survey& survey) : survey_(survey) {}

  std::vector<OutlyingBlock> run() {
    for (const auto& [cidr, block] : survey_.cluster.blocks) {
      const auto host = calico::host_of(block.affinity);
      const auto* peer = host && !block.deleted ? survey_.find(*host) : nullptr;
      if (peer != nullptr) look_at(*peer, cidr);
    }
    for (const auto& [peer, highest] : highest_) {
      for (const auto& next : next_blocks(peer->node(), highest, kPodsMeanwhile)) add(*peer, next);
    }
    return std::move(all_);
  }

 private:
  // Blocks come in address order.
  void look_at(const NodeView& peer, const net::Cidr& block) {
    if (!is_derived(peer.node(), block)) add(peer, block);
    if (ipv6_offset(peer.node(), block).value_or(0) >= api::kFirstIpv6Addresses)
      highest_.insert_or_assign(&peer, block);
  }

  void add(const NodeView& peer, const net::Cidr& block) {
    const auto own = pod_cidr(peer.node(), block.family());
    if (own) all_.push_back({peer.name, block, own->address()});
  }

  const Survey& survey_;
  std::vector<OutlyingBlock> all_;
  std::map<const NodeView*, net::Cidr> highest_;
};

}  // namespace

std::vector<OutlyingBlock> outlying_blocks(const Survey& survey) { return Collector(survey).run(); }

std::vector<api::AgentPeerBlock> peer_blocks(const std::vector<OutlyingBlock>& all,
                                             std::string_view node) {
  std::vector<api::AgentPeerBlock> blocks;
  for (const auto& one : all) {
    if (one.peer != node && blocks.size() < kMaxPeerBlocks) blocks.push_back({one.block, one.vtep});
  }
  return blocks;
}

}  // namespace migration
