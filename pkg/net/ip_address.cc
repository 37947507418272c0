#include "net/ip_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace net {
namespace {

constexpr std::uint64_t kSaturated = std::numeric_limits<std::uint64_t>::max();
constexpr std::array<std::uint8_t, 12> kMappedPrefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool is_mapped(const std::array<std::uint8_t, 16>& bytes) {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes.begin());
}

std::uint64_t load(const std::array<std::uint8_t, 16>& bytes, std::size_t from, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t i = from; i < from + count; ++i) value = value << 8 | bytes[i];
  return value;
}

struct Run {
  std::size_t begin = 0;
  std::size_t length = 0;
};

// The zeros that RFC 5952 shortens to "::": the first longest run of at least two groups.
Run longest_zeros(const std::array<std::uint16_t, 8>& groups) {
  Run best;
  for (std::size_t i = 0; i < groups.size();) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > best.length) best = {i, end - i};
    i = std::max(end, i + 1);
  }
  return best.length >= 2 ? best : Run{};
}

std::string format_v6(const std::array<std::uint8_t, 16>& bytes) {
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<std::uint16_t>(load(bytes, i * 2, 2));
  }
  const Run zeros = longest_zeros(groups);
  std::string text;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (zeros.length > 0 && i == zeros.begin) {
      text += "::";
      i += zeros.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

}  // namespace

base::Result<IpAddress> IpAddress::parse(std::string_view text) {
  // A text with a NUL is not an address, but inet_pton would stop reading there.
  const std::string copy(text.find('\0') == std::string_view::npos ? text : "");
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, copy.c_str(), bytes.data()) == 1) return from_bytes(Family::V4, bytes);
  bytes = {};
  if (inet_pton(AF_INET6, copy.c_str(), bytes.data()) != 1) {
    return base::fail(base::ErrorKind::Invalid, fmt::format("\"{}\" is no IP address", text));
  }
  if (!is_mapped(bytes)) return from_bytes(Family::V6, bytes);
  std::rotate(bytes.begin(), bytes.begin() + 12, bytes.end());
  return from_bytes(Family::V4, bytes);
}

IpAddress IpAddress::from_bytes(Family family, const std::array<std::uint8_t, 16>& bytes) {
  IpAddress address;
  address.family_ = family;
  std::copy_n(bytes.begin(), family == Family::V4 ? 4 : 16, address.bytes_.begin());
  return address;
}

IpAddress IpAddress::plus(std::uint64_t offset) const {
  IpAddress sum = *this;
  std::uint64_t carry = 0;
  for (std::size_t i = static_cast<std::size_t>(bits() / 8); i-- > 0; offset >>= 8) {
    const std::uint64_t digit = bytes_[i] + (offset & 0xff) + carry;
    sum.bytes_[i] = static_cast<std::uint8_t>(digit);
    carry = digit >> 8;
  }
  return sum;
}

std::uint64_t IpAddress::minus(const IpAddress& base) const {
  if (family_ != base.family_ || *this < base) return kSaturated;
  if (family_ == Family::V4) return load(bytes_, 0, 4) - load(base.bytes_, 0, 4);
  const std::uint64_t low = load(bytes_, 8, 8);
  const std::uint64_t base_low = load(base.bytes_, 8, 8);
  const std::uint64_t borrow = low < base_low ? 1 : 0;
  const std::uint64_t high = load(bytes_, 0, 8) - load(base.bytes_, 0, 8) - borrow;
  return high == 0 ? low - base_low : kSaturated;
}

IpAddress IpAddress::masked(int prefix) const {
  IpAddress result = *this;
  for (int i = 0; i < bits() / 8; ++i) {
    const int kept = std::clamp(prefix - i * 8, 0, 8);
    result.bytes_[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> kept);
  }
  return result;
}

std::string IpAddress::to_string() const {
  const auto dotted = [&](std::size_t from) {
    return fmt::format("{}.{}.{}.{}", bytes_[from], bytes_[from + 1], bytes_[from + 2],
                       bytes_[from + 3]);
  };
  if (family_ == Family::V4) return dotted(0);
  return is_mapped(bytes_) ? "::ffff:" + dotted(12) : format_v6(bytes_);
}

}  // namespace net
