// A pod CIDR cut into blocks of Calico's IPAM.
//
// Of an IPv6 pod CIDR these are the first ones, since a /64 holds more than could ever be claimed.
#pragma once

#include "net/cidr.h"

#include <cstdint>
#include <vector>

namespace api {

// Addresses in the blocks that every node owns of its IPv6 pod CIDR.
inline constexpr std::uint64_t kFirstIpv6Addresses = 256;
// Addresses that a node's next pods may have before the cluster is looked at again.
inline constexpr std::uint64_t kNextIpv6Addresses = 64;
// Of a peer, the agent takes as many for granted; the operator tells it of blocks behind them.
inline constexpr std::uint64_t kDerivedIpv6Addresses = kFirstIpv6Addresses + kNextIpv6Addresses;

// All blocks of an IPv4 pod CIDR, at most 4,096; of an IPv6 one as many as hold that many
// addresses. None when the pod CIDR is smaller than a block.
std::vector<net::Cidr> first_blocks(const net::Cidr& pod_cidr, int block_size,
                                    std::uint64_t ipv6_addresses = kFirstIpv6Addresses);

}  // namespace api
