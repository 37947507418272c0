// An address of a device.
#pragma once

#include "net/cidr.h"

#include <cstdint>

namespace netlink {

struct Address {
  std::uint32_t link = 0;
  net::IpAddress address;
  int prefix = 0;
  std::uint8_t scope = 0;  // RT_SCOPE_*: flannel and Felix use universe; 253 is link
  auto operator<=>(const Address&) const = default;
};

}  // namespace netlink
