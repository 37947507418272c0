// Decides which blocks of its pod CIDRs a node has to own.
//
// Of an IPv6 pod CIDR only the first blocks are, since a /64 holds more than could ever be claimed.
// But host-local goes through all of it before it assigns an address again: on an old node pods
// live far behind the first blocks. Their blocks are claimed too, as nodes on Calico have no route
// to anything else, and the block behind the highest, for the next pod.
#pragma once

#include "api/first_blocks.h"
#include "migration/model/cluster_state.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migration {

std::optional<net::Cidr> pod_cidr(const api::Node& node, net::Family family);

// True if the CIDR lies in the node's pod CIDR of its family.
bool is_home(const api::Node& node, const net::Cidr& cidr);

// True if a pod's address is behind the first blocks, or so near to their end that the next pod's
// address may be. Addresses of other pods need not be known.
bool is_far(const api::Node& node, const net::IpAddress& address);

// Blocks behind this one that so many of the node's next pods may need: one, or several if blocks
// are small.
std::vector<net::Cidr> next_blocks(const api::Node& node, const net::Cidr& block,
                                   std::uint64_t pods = api::kNextIpv6Addresses);

// All blocks of that family in address order; none when the pod CIDR is smaller than a block.
// `live` are addresses that need a block beside ClusterState::far_pods.
std::vector<net::Cidr> blocks_of_node(const ClusterState& cluster, const api::Node& node,
                                      net::Family family, int block_size,
                                      std::set<net::IpAddress> live);

// Handles under which a node's own addresses are held: its tunnels' and its reservation.
std::set<std::string> handles_of_node(const std::string& node);
// Handles under which pods hold addresses of the block.
std::set<std::string> pod_handles(const ClusterState& cluster, const api::IpamBlock& block);

// The block that holds this address; nullptr when there is none.
const api::IpamBlock* block_at(const ClusterState& cluster, const net::IpAddress& address);

}  // namespace migration
