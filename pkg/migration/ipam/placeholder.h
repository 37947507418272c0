// Placeholders are addresses, one in each block of a node, that are reserved from the beginning
// until the end, so that no block is ever empty: Calico's garbage collection takes empty blocks of
// nodes with the label `calico`, and while IPAMConfig is held no node claims one again
// (../calico/README.md, Blocks).
#pragma once

#include "api/calico.h"
#include "net/cidr.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace migration {

// The placeholder of a new block: its last address, which is the bridge's broadcast in the last
// block of an IPv4 pod CIDR. nullopt if the block has too few addresses to spare one.
std::optional<std::uint32_t> placeholder_for(const net::Cidr& block);

// Ordinals of the block that the node's reservation holds.
std::set<std::uint32_t> reserved_in(const api::IpamBlock& block, const std::string& node);
// Reserved ordinals that may be released while the block has to be kept: all but the highest one,
// or all if the address of the node's tunnel keeps the block.
std::set<std::uint32_t> spare_in(const api::IpamBlock& block, const std::string& node);
// A free address that is to be reserved because no address of the node's own keeps the block.
// nullopt if there is such an address, or if pods have the whole block.
std::optional<std::uint32_t> missing_placeholder(const api::IpamBlock& block,
                                                 const std::string& node);

}  // namespace migration
