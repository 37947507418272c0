// One address of each block of a node that is reserved from the beginning until the end, so that no
// block is ever empty: Calico's garbage collection takes empty blocks of nodes with the label
// `calico`, and while IPAMConfig is held no node claims one again (../calico/README.md, Blocks).
#pragma once

#include "api/calico.h"
#include "net/cidr.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string>

namespace migration {

// For a new block: its last address, which is the bridge's broadcast in the last block of an IPv4
// pod CIDR. nullopt where a block has so few addresses that one of them is too many.
std::optional<std::uint32_t> placeholder_for(const net::Cidr& block);

// What the node's reservation holds in the block.
std::set<std::uint32_t> reserved_in(const api::IpamBlock& block, const std::string& node);
// Those of it that may be released while the block has to be kept: all but the highest one, and all
// where the address of the node's tunnel keeps the block.
std::set<std::uint32_t> spare_in(const api::IpamBlock& block, const std::string& node);
// A free address that is to be reserved because nothing of the node's own keeps the block. nullopt
// when something does, and when pods have all of it.
std::optional<std::uint32_t> missing_placeholder(const api::IpamBlock& block,
                                                 const std::string& node);

}  // namespace migration
