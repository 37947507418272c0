#include "kube/http_head_limits.h"

#include <string_view>

namespace kube {
namespace {

constexpr std::size_t kLongestLine = 8u << 10;  // as httplib has it for one header
constexpr std::size_t kLongestHead = 64u << 10;
constexpr std::size_t kMostLines = 256;
// httplib matches it with std::regex, which recurses for each byte.
constexpr std::size_t kLongestStatusLine = 1u << 10;
constexpr std::string_view kStatusLine = "HTTP/";

}  // namespace

bool HttpHeadLimits::take(char byte) {
  if (line_ == 0) is_status_line_ = true;
  if (line_ < kStatusLine.size() && byte != kStatusLine[line_]) is_status_line_ = false;
  ++line_;
  ++bytes_;
  exceeded_ = exceeded_ || !fits();
  if (byte != '\n') return !exceeded_;
  line_ = 0;
  ++lines_;
  return !exceeded_;
}

bool HttpHeadLimits::fits() const {
  if (line_ > (is_status_line_ ? kLongestStatusLine : kLongestLine)) return false;
  return !in_head_ || (bytes_ <= kLongestHead && lines_ < kMostLines);
}

}  // namespace kube
