#include "api/agent.h"
#include "base/utf8.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace api {
namespace {

struct Range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Range> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_number(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_number(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return Range{*first, *last};
}

// False when there would be more than `limit` of them.
bool add_range(const Range& range, std::size_t limit, std::set<std::uint64_t>& offsets) {
  const auto more = range.last - range.first;
  if (more >= limit) return false;
  for (std::uint64_t i = 0; i <= more; ++i) offsets.insert(range.first + i);
  return offsets.size() <= limit;
}

void append_range(std::string& text, const Range& range) {
  if (!text.empty()) text += ',';
  text += range.first == range.last ? fmt::format("{}", range.first)
                                    : fmt::format("{}-{}", range.first, range.last);
}

}  // namespace

std::string format_offsets(const std::set<std::uint64_t>& offsets) {
  std::string text;
  std::optional<Range> open;
  for (const auto offset : offsets) {
    if (open && offset == open->last + 1) {
      open->last = offset;
      continue;
    }
    if (open) append_range(text, *open);
    open = Range{offset, offset};
  }
  if (open) append_range(text, *open);
  return text;
}

base::Result<std::set<std::uint64_t>> parse_offsets(std::string_view text, std::size_t limit) {
  std::set<std::uint64_t> offsets;
  std::size_t comma = text.empty() ? std::string_view::npos : 0;
  while (comma != std::string_view::npos) {
    comma = text.find(',');
    const auto piece = text.substr(0, comma);
    const auto range = parse_range(piece);
    if (!range) {
      return base::fail(base::ErrorKind::Invalid,
                        fmt::format("'{}' is no range of offsets", base::excerpt(piece)));
    }
    if (!add_range(*range, limit, offsets)) {
      return base::fail(base::ErrorKind::Invalid, fmt::format("more than {} offsets", limit));
    }
    text.remove_prefix(std::min(piece.size() + 1, text.size()));
  }
  return offsets;
}

}  // namespace api
