// An Ethernet address.
#pragma once

#include "base/error.h"

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace net {

class MacAddress {
 public:
  MacAddress() = default;
  explicit MacAddress(const std::array<std::uint8_t, 6>& bytes) : bytes_(bytes) {}
  // Six hexadecimal pairs separated by colons, either case.
  static base::Result<MacAddress> parse(std::string_view text);

  const std::array<std::uint8_t, 6>& bytes() const { return bytes_; }
  // Lower-case colon form, as Calico and flannel write it.
  std::string to_string() const;

  auto operator<=>(const MacAddress&) const = default;

 private:
  std::array<std::uint8_t, 6> bytes_{};
};

}  // namespace net
