// Neighbours map an IP address to a MAC (ARP, NDP); FDB entries map a MAC to a place.
#pragma once

#include "net/ip_address.h"
#include "net/mac_address.h"

#include <cstdint>
#include <optional>

namespace netlink {

inline constexpr std::uint16_t kNeighbourPermanent = 0x80;
// States in which the entry has an address that was answered or that was set from userspace.
inline constexpr std::uint16_t kNeighbourKnown = 0x02 | 0x04 | 0x08 | 0x10 | kNeighbourPermanent;

struct Neighbour {
  std::uint32_t link = 0;
  net::IpAddress address;
  net::MacAddress mac;
  std::uint16_t state = kNeighbourPermanent;
  auto operator<=>(const Neighbour&) const = default;
};

// An entry of a VXLAN device's own table, or of a bridge's.
struct FdbEntry {
  std::uint32_t link = 0;
  net::MacAddress mac;
  std::optional<net::IpAddress> remote;  // outer address of the VXLAN peer
  std::uint16_t state = kNeighbourPermanent;
  auto operator<=>(const FdbEntry&) const = default;
};

}  // namespace netlink
