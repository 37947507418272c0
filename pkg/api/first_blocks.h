// Divides a pod CIDR into blocks of Calico's IPAM. Of an IPv6 pod CIDR only the first blocks are
// returned, since a /64 holds more than could ever be claimed.
#pragma once

#include "net/cidr.h"

#include <cstdint>
#include <vector>

namespace api {

// Addresses in the blocks that every node owns of its IPv6 pod CIDR.
inline constexpr std::uint64_t kFirstIpv6Addresses = 256;
// Addresses that a node's next pods may have before the cluster is looked at again.
inline constexpr std::uint64_t kNextIpv6Addresses = 64;
// The agent assumes that a peer owns the blocks of this many addresses; the operator names the
// peer's blocks behind them in the task.
inline constexpr std::uint64_t kDerivedIpv6Addresses = kFirstIpv6Addresses + kNextIpv6Addresses;

// All blocks of an IPv4 pod CIDR, at most 4,096; for IPv6 as many as hold `ipv6_addresses`. Empty
// when the pod CIDR is smaller than a block.
std::vector<net::Cidr> first_blocks(const net::Cidr& pod_cidr, int block_size,
                                    std::uint64_t ipv6_addresses = kFirstIpv6Addresses);

}  // namespace api
