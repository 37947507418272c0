#include "calico/block.h"

#include "calico/block_lists.h"

#include <fmt/format.h>

#include <limits>

namespace calico {
namespace {

constexpr std::string_view kSequence = "/spec/sequenceNumber";
constexpr std::string_view kSequenceForAllocation = "/spec/sequenceNumberForAllocation";

std::string sequence_pointer(std::uint32_t ordinal) {
  return fmt::format("{}/{}", kSequenceForAllocation, ordinal);
}

json::View attribute_at(const json::Document& block, std::int64_t index) {
  return block["spec"]["attributes"].at(static_cast<std::size_t>(index));
}

bool has_handle(json::View attribute, std::string_view handle_id) {
  return attribute["handle_id"].is_string() && attribute["handle_id"].string_view() == handle_id;
}

// True for an address that was released and is kept for a while before it is assigned again (Calico
// v3.33 and later).
bool is_cooling_down(json::View attribute) {
  return attribute["releasedAt"].exists() && attribute["handle_id"].string_view().empty();
}

bool is_owner(json::View attribute, const Owner& owner) {
  return has_handle(attribute, owner.handle_id) && !attribute["releasedAt"].exists() &&
         attribute["secondary"].string_map() == owner.secondary;
}

// Index of the owner's attribute, appended when there is none.
std::int64_t attribute_of(const Owner& owner, json::Document& block, BlockLists& lists) {
  for (std::int64_t i = 0; i < lists.attributes; ++i) {
    if (is_owner(attribute_at(block, i), owner)) return i;
  }
  json::Document attribute;
  attribute.set_string("/handle_id", owner.handle_id);
  for (const auto& [key, value] : owner.secondary) {
    attribute.set_string("/secondary/" + json::pointer_escape(key), value);
  }
  block.append("/spec/attributes", attribute.root());
  return lists.attributes++;
}

base::Failure held_by_another(const json::Document& block, std::uint32_t ordinal,
                              json::View attribute) {
  return base::fail(
      base::ErrorKind::Conflict,
      fmt::format("IPAMBlock {}: ordinal {} is held by '{}'", block["spec"]["cidr"].string_view(),
                  ordinal, attribute["handle_id"].string_view()));
}

base::Failure out_of_range(const json::Document& block, std::uint32_t ordinal) {
  return base::fail(
      base::ErrorKind::Invalid,
      fmt::format("IPAMBlock {} has no ordinal {}", block["spec"]["cidr"].string_view(), ordinal));
}

// Selects from `ordinals` those that have to be given to the owner.
base::Result<std::set<std::uint32_t>> select_missing(const json::Document& block,
                                                     const BlockLists& lists,
                                                     const std::set<std::uint32_t>& ordinals,
                                                     const Owner& owner, WhenHeld when_held) {
  std::set<std::uint32_t> missing;
  for (const auto ordinal : ordinals) {
    if (!lists.has(ordinal)) return out_of_range(block, ordinal);
    const auto& index = lists.allocations[ordinal];
    const auto attribute = index ? attribute_at(block, *index) : json::View();
    if (index && has_handle(attribute, owner.handle_id)) continue;
    if (!index || is_cooling_down(attribute)) {
      missing.insert(ordinal);
    } else if (when_held == WhenHeld::Refuse) {
      return held_by_another(block, ordinal, attribute);
    }
  }
  return missing;
}

int free_all(const std::set<std::uint32_t>& ordinals, BlockLists lists, json::Document& block) {
  if (ordinals.empty()) return 0;
  for (const auto ordinal : ordinals) {
    lists.free(ordinal);
    block.erase(sequence_pointer(ordinal));
  }
  write_lists(std::move(lists), block);
  return static_cast<int>(ordinals.size());
}

}  // namespace

base::Result<int> allocate(json::Document& block, const std::set<std::uint32_t>& ordinals,
                           const Owner& owner, WhenHeld when_held) {
  auto lists = read_lists(block);
  if (!lists) return tl::unexpected(lists.error());
  const auto missing = select_missing(block, *lists, ordinals, owner, when_held);
  if (!missing) return tl::unexpected(missing.error());
  if (missing->empty()) return 0;
  const auto sequence = block["spec"]["sequenceNumber"].integer();
  const auto attribute = attribute_of(owner, block, *lists);
  block.set_object(kSequenceForAllocation);
  for (const auto ordinal : *missing) {
    lists->take(ordinal, attribute);
    block.set_integer(sequence_pointer(ordinal), sequence);
  }
  write_lists(*std::move(lists), block);
  return static_cast<int>(missing->size());
}

base::Result<int> release(json::Document& block, const std::set<std::uint32_t>& ordinals,
                          std::string_view handle_id) {
  auto lists = read_lists(block);
  if (!lists) return tl::unexpected(lists.error());
  std::set<std::uint32_t> held;
  for (const auto ordinal : ordinals) {
    if (!lists->has(ordinal)) return out_of_range(block, ordinal);
    const auto& index = lists->allocations[ordinal];
    if (index && has_handle(attribute_at(block, *index), handle_id)) held.insert(ordinal);
  }
  return free_all(held, *std::move(lists), block);
}

base::Result<int> release_ordinals(json::Document& block, const std::set<std::uint32_t>& ordinals) {
  auto lists = read_lists(block);
  if (!lists) return tl::unexpected(lists.error());
  std::set<std::uint32_t> held;
  for (const auto ordinal : ordinals) {
    if (!lists->has(ordinal)) return out_of_range(block, ordinal);
    if (lists->allocations[ordinal]) held.insert(ordinal);
  }
  return free_all(held, *std::move(lists), block);
}

void bump_sequence(json::Document& block) {
  const auto sequence = block["spec"]["sequenceNumber"].integer();
  const bool last = sequence == std::numeric_limits<std::int64_t>::max();
  block.set_integer(kSequence, last ? sequence : sequence + 1);
}

base::Result<void> check_block(const json::Document& block) {
  return read_lists(block).map([](const BlockLists&) {});
}

}  // namespace calico
