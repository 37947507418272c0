#include "calico/block_lists.h"

#include "net/cidr.h"

#include <fmt/format.h>

#include <algorithm>

namespace calico {
namespace {

base::Failure invalid(std::string message) {
  return base::fail(base::ErrorKind::Invalid, "IPAMBlock: " + std::move(message));
}

base::Result<void> read_allocations(json::View list, BlockLists& lists) {
  for (const auto& entry : list.items()) {
    const auto index = entry.maybe_integer();
    if (entry.exists() && (!index || *index < 0 || *index >= lists.attributes)) {
      return invalid(fmt::format("spec.allocations[{}] is no index of an attribute",
                                 lists.allocations.size()));
    }
    lists.allocations.push_back(index);
  }
  return {};
}

base::Result<void> read_unallocated(json::View list, BlockLists& lists) {
  std::set<std::int64_t> seen;
  for (const auto& entry : list.items()) {
    const auto ordinal = entry.maybe_integer().value_or(-1);
    const bool in_range =
        ordinal >= 0 && ordinal < static_cast<std::int64_t>(lists.allocations.size());
    if (!in_range || !seen.insert(ordinal).second)
      return invalid("spec.unallocated holds a wrong or repeated ordinal");
    if (lists.allocations[ordinal])
      return invalid(fmt::format("ordinal {} is both free and held", ordinal));
    lists.unallocated.push_back(ordinal);
  }
  const auto held = std::count_if(lists.allocations.begin(), lists.allocations.end(),
                                  [](const auto& entry) { return entry.has_value(); });
  if (seen.size() + held != lists.allocations.size())
    return invalid("spec.unallocated does not name every free ordinal");
  return {};
}

base::Result<void> check_form(json::View spec) {
  const auto text = spec["cidr"].string_view();
  const auto cidr = net::Cidr::parse(text);
  if (!cidr || !net::Cidr::is_masked(text)) return invalid("spec.cidr is no network");
  for (const auto* list : {"allocations", "unallocated", "attributes"}) {
    if (!spec[list].is_array()) return invalid(fmt::format("spec.{} is no list", list));
  }
  if (spec["allocations"].size() != cidr->size()) {
    return invalid(fmt::format("spec.allocations has {} entries, {} has {} addresses",
                               spec["allocations"].size(), cidr->to_string(), cidr->size()));
  }
  const auto sequence = spec["sequenceNumber"];
  if (sequence.exists() && !sequence.maybe_integer())
    return invalid("spec.sequenceNumber is no 64-bit integer");
  return {};
}

void write_allocations(const BlockLists& lists, json::Document& block) {
  constexpr std::string_view kAllocations = "/spec/allocations";
  block.set_array(kAllocations);
  for (const auto& index : lists.allocations) {
    index ? block.append_integer(kAllocations, *index) : block.append_null(kAllocations);
  }
}

void write_unallocated(const BlockLists& lists, json::Document& block) {
  constexpr std::string_view kUnallocated = "/spec/unallocated";
  block.set_array(kUnallocated);
  for (const auto ordinal : lists.unallocated) block.append_integer(kUnallocated, ordinal);
}

// Higher indexes move down.
void delete_attribute(std::int64_t attribute, BlockLists& lists, json::Document& block) {
  block.erase(fmt::format("/spec/attributes/{}", attribute));
  for (auto& index : lists.allocations) {
    if (index && *index > attribute) --*index;
  }
}

void drop_unused_attributes(BlockLists& lists, json::Document& block) {
  for (auto attribute = lists.attributes; attribute-- > 0;) {
    const auto& all = lists.allocations;
    const bool used = std::find(all.begin(), all.end(), std::optional(attribute)) != all.end();
    if (!used) delete_attribute(attribute, lists, block);
  }
}

}  // namespace

void BlockLists::take(std::uint32_t ordinal, std::int64_t attribute) {
  allocations[ordinal] = attribute;
  std::erase(unallocated, static_cast<std::int64_t>(ordinal));
}

void BlockLists::free(std::uint32_t ordinal) {
  allocations[ordinal].reset();
  unallocated.push_back(ordinal);
}

base::Result<BlockLists> read_lists(const json::Document& block) {
  const auto spec = block["spec"];
  BlockLists lists;
  lists.attributes = static_cast<std::int64_t>(spec["attributes"].size());
  return check_form(spec)
      .and_then([&] { return read_allocations(spec["allocations"], lists); })
      .and_then([&] { return read_unallocated(spec["unallocated"], lists); })
      .map([&] { return lists; });
}

void write_lists(BlockLists lists, json::Document& block) {
  drop_unused_attributes(lists, block);
  write_allocations(lists, block);
  write_unallocated(lists, block);
}

}  // namespace calico
