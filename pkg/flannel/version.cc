#include "flannel/version.h"

#include <algorithm>
#include <charconv>

namespace flannel {
namespace {

constexpr std::size_t kMaxDigits = 6;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes the digits at the front of `text`.
std::optional<int> take_number(std::string_view& text) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
  const auto digits = text.substr(0, static_cast<std::size_t>(end - text.begin()));
  if (digits.empty() || digits.size() > kMaxDigits) return std::nullopt;
  text.remove_prefix(digits.size());
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

}  // namespace

std::optional<Version> parse_version(std::string_view text) {
  if (text.starts_with('v')) text.remove_prefix(1);
  Version version{};
  std::size_t count = 0;
  for (bool more = true; more && count < version.size(); ++count) {
    const auto number = take_number(text);
    if (!number) return std::nullopt;
    version[count] = *number;
    more = text.starts_with('.');
    if (more && count + 1 < version.size()) text.remove_prefix(1);
  }
  if (count < 2 || text.starts_with('.')) return std::nullopt;
  return version;
}

}  // namespace flannel
