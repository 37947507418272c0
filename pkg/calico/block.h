// IPAMBlocks, BlockAffinities and IPAMHandles: rendering new ones and editing stored ones
// (README.md, Blocks). Edits work on the whole stored document, so that fields of newer Calico
// releases survive.
#pragma once

#include "base/error.h"
#include "base/time.h"
#include "json/value.h"
#include "net/cidr.h"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

namespace calico {

// The holder of an address inside a block.
struct Owner {
  std::string handle_id;
  json::StringMap secondary;
  bool operator==(const Owner&) const = default;
};

Owner tunnel_owner(std::string_view node, net::Family family);
Owner reservation_owner(std::string_view node);

// A new block of `node`, all free but the ordinals in `allocated`. `now` seeds sequenceNumber
// (nanoseconds) and affinityClaimTime. Body for create.
std::string render_block(std::string_view node, const net::Cidr& cidr,
                         const std::map<std::uint32_t, Owner>& allocated, base::TimePoint now);
// state confirmed: create it after its block.
std::string render_affinity(std::string_view node, const net::Cidr& cidr);
std::string render_handle(std::string_view handle_id, const std::map<net::Cidr, int>& blocks);

// Marks ordinals as held by `owner`; ordinals that it holds already are left alone. Conflict, with
// nothing changed, when another handle holds an ordinal and `when_held` is Refuse; with Skip such
// ordinals are left out. An ordinal that was released and only cools down (Calico v3.33) counts as
// free. Returns how many were added.
enum class WhenHeld { Refuse, Skip };
base::Result<int> allocate(json::Document& block, const std::set<std::uint32_t>& ordinals,
                           const Owner& owner, WhenHeld when_held);
// Frees the ordinals that the handle holds, among the given ones only; ReleaseByHandle up to v3.32
// frees all of a handle. Returns how many were freed.
base::Result<int> release(json::Document& block, const std::set<std::uint32_t>& ordinals,
                          std::string_view handle_id);
// Frees the given ordinals, whichever handle holds them.
base::Result<int> release_ordinals(json::Document& block, const std::set<std::uint32_t>& ordinals);
// sequenceNumber + 1: once for every write of a block.
void bump_sequence(json::Document& block);
// Checks every rule of README.md, Blocks; Invalid names the broken one.
base::Result<void> check_block(const json::Document& block);

}  // namespace calico
