#include "api/first_blocks.h"

namespace api {
namespace {

constexpr std::uint64_t kMaxIpv4Blocks = 4096;

}  // namespace

std::vector<net::Cidr> first_blocks(const net::Cidr& pod_cidr, int block_size,
                                    std::uint64_t ipv6_addresses) {
  if (block_size < pod_cidr.prefix()) return {};
  if (pod_cidr.family() == net::Family::V4) return pod_cidr.subnets(block_size, kMaxIpv4Blocks);
  const std::uint64_t per_block = net::Cidr(pod_cidr.address(), block_size).size();
  return pod_cidr.subnets(block_size, (ipv6_addresses + per_block - 1) / per_block);
}

}  // namespace api
