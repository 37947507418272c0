#include "base/utf8.h"

#include <boost/locale/utf.hpp>

namespace base {
namespace {

using Traits = boost::locale::utf::utf_traits<char>;

constexpr std::string_view kReplacement = "\xef\xbf\xbd";
constexpr std::string_view kEllipsis = "...";
constexpr std::size_t kExcerpt = 80;

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto* at = text.data();
  const auto* const end = at + text.size();
  const auto point = Traits::decode(at, end);
  if (point == boost::locale::utf::illegal || point == boost::locale::utf::incomplete) return 0;
  return static_cast<std::size_t>(at - text.data());
}

std::string clean_utf8(std::string_view text) {
  std::string clean;
  while (!text.empty()) {
    const auto length = utf8_length(text);
    clean += length == 0 ? kReplacement : text.substr(0, length);
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return clean;
}

std::string cut_utf8(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return std::string(text);
  std::size_t end = limit - kEllipsis.size();
  while (end > 0 && Traits::is_trail(text[end])) --end;
  return std::string(text.substr(0, end)).append(kEllipsis);
}

std::string excerpt(std::string_view text) { return cut_utf8(text, kExcerpt); }

}  // namespace base
