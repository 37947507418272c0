#include "net/cidr.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <optional>

namespace net {
namespace {

constexpr std::uint64_t kSaturated = std::numeric_limits<std::uint64_t>::max();

std::uint64_t power_of_two(int exponent) {
  return exponent >= 64 ? kSaturated : std::uint64_t{1} << exponent;
}

std::optional<int> parse_prefix(std::string_view text) {
  if (text.empty() || (text.size() > 1 && text.front() == '0')) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value > 128) return std::nullopt;
  return static_cast<int>(value);
}

struct Parsed {
  IpAddress address;
  int prefix = 0;
};

base::Result<Parsed> parse_text(std::string_view text) {
  const auto slash = text.find('/');
  const auto prefix =
      slash == std::string_view::npos ? std::nullopt : parse_prefix(text.substr(slash + 1));
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address || !prefix || *prefix > address->bits()) {
    return base::fail(base::ErrorKind::Invalid,
                      fmt::format("\"{}\" is no network; write it like 10.244.0.0/16", text));
  }
  return Parsed{*address, *prefix};
}

// The network of the same length that follows; `prefix` > 0.
IpAddress next_network(const IpAddress& address, int prefix) {
  auto bytes = address.bytes();
  auto index = static_cast<std::size_t>((prefix - 1) / 8);
  unsigned sum = bytes[index] + (0x80u >> ((prefix - 1) % 8));
  bytes[index] = static_cast<std::uint8_t>(sum);
  while (sum > 0xff && index-- > 0) {
    sum = bytes[index] + 1u;
    bytes[index] = static_cast<std::uint8_t>(sum);
  }
  return IpAddress::from_bytes(address.family(), bytes);
}

}  // namespace

Cidr::Cidr(IpAddress address, int prefix) : prefix_(std::clamp(prefix, 0, address.bits())) {
  address_ = address.masked(prefix_);
}

base::Result<Cidr> Cidr::parse(std::string_view text) {
  return parse_text(text).map([](const Parsed& p) { return Cidr(p.address, p.prefix); });
}

bool Cidr::is_masked(std::string_view text) {
  const auto parsed = parse_text(text);
  return parsed && parsed->address == parsed->address.masked(parsed->prefix);
}

bool Cidr::contains(const IpAddress& address) const {
  return address.family() == family() && address.masked(prefix_) == address_;
}

bool Cidr::contains(const Cidr& other) const {
  return other.prefix_ >= prefix_ && contains(other.address_);
}

bool Cidr::overlaps(const Cidr& other) const { return contains(other) || other.contains(*this); }

std::uint64_t Cidr::size() const { return power_of_two(address_.bits() - prefix_); }

std::vector<Cidr> Cidr::subnets(int prefix, std::size_t limit) const {
  std::vector<Cidr> found;
  const std::uint64_t count = std::min<std::uint64_t>(subnet_count(prefix), limit);
  IpAddress next = address_;
  for (std::uint64_t i = 0; i < count; ++i) {
    found.emplace_back(next, prefix);
    if (prefix > 0) next = next_network(next, prefix);
  }
  return found;
}

std::uint64_t Cidr::subnet_count(int prefix) const {
  if (prefix < prefix_ || prefix > address_.bits()) return 0;
  return power_of_two(prefix - prefix_);
}

std::string Cidr::to_string() const { return fmt::format("{}/{}", address_.to_string(), prefix_); }

}  // namespace net
