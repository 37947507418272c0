// The lists of an IPAMBlock as values that edits work on, checked when they are read.
#pragma once

#include "base/error.h"
#include "json/value.h"

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

namespace calico {

struct BlockLists {
  std::vector<std::optional<std::int64_t>> allocations;  // ordinal -> index of an attribute
  std::vector<std::int64_t> unallocated;  // in the order in which they are handed out
  std::int64_t attributes = 0;            // how many there are

  bool has(std::uint32_t ordinal) const { return ordinal < allocations.size(); }
  // Takes a free or held ordinal for that attribute; the others keep their order.
  void take(std::uint32_t ordinal, std::int64_t attribute);
  // Back to the end of `unallocated`.
  void free(std::uint32_t ordinal);
};

// Invalid when the lists contradict each other (README.md, Blocks).
base::Result<BlockLists> read_lists(const json::Document& block);
// Writes the lists back, and deletes the attributes that no ordinal refers to now.
void write_lists(BlockLists lists, json::Document& block);

}  // namespace calico
