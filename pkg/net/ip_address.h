// An IPv4 or IPv6 address, as a value.
#pragma once

#include "base/error.h"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace net {

enum class Family { V4, V6 };

class IpAddress {
 public:
  // 0.0.0.0
  IpAddress() = default;
  // Accepts the text forms of RFC 4291 and dotted quads; a v4-mapped IPv6 address becomes IPv4, as
  // in Go's net package.
  static base::Result<IpAddress> parse(std::string_view text);
  static IpAddress from_bytes(Family family, const std::array<std::uint8_t, 16>& bytes);

  Family family() const { return family_; }
  int bits() const { return family_ == Family::V4 ? 32 : 128; }
  // Network order; IPv4 uses the first four.
  const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }

  // The address `offset` further on; wraps at the end of the address space.
  IpAddress plus(std::uint64_t offset) const;
  // The distance of this address from `base`, of the same family; UINT64_MAX if that is larger, and
  // also if this address lies before `base`.
  std::uint64_t minus(const IpAddress& base) const;
  // The first `prefix` bits, the rest zero.
  IpAddress masked(int prefix) const;

  // Canonical text as Go prints it (RFC 5952).
  std::string to_string() const;

  auto operator<=>(const IpAddress&) const = default;

 private:
  Family family_ = Family::V4;
  std::array<std::uint8_t, 16> bytes_{};
};

}  // namespace net
