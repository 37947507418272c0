// A route of the kernel.
#pragma once

#include "net/cidr.h"

#include <cstdint>
#include <optional>

namespace netlink {

// Numbers are the kernel's (linux/rtnetlink.h).
enum class RouteType : std::uint8_t {
  Unicast = 1,
  Local = 2,
  Broadcast = 3,
  Anycast = 4,
  Multicast = 5,
  Blackhole = 6,
  Unreachable = 7,
  Prohibit = 8,
  Throw = 9,
};

inline constexpr std::uint8_t kProtocolBoot = 3;  // what flannel and `ip route add` write
// Felix's blackholes, unless FelixConfiguration's deviceRouteProtocol gives them another number.
inline constexpr std::uint8_t kProtocolFelix = 80;  // of blackholes and pods
inline constexpr std::uint32_t kMainTable = 254;
inline constexpr std::uint8_t kScopeUniverse = 0;
inline constexpr std::uint8_t kScopeLink = 253;

struct Route {
  net::Cidr destination;
  RouteType type = RouteType::Unicast;
  std::uint32_t link = 0;  // 0 for a blackhole and its like
  std::optional<net::IpAddress> gateway;
  std::optional<net::IpAddress> source;  // preferred
  std::uint8_t protocol = kProtocolBoot;
  std::uint8_t scope = kScopeUniverse;
  bool onlink = false;
  std::uint32_t metric = 0;  // IPv6: 0 is written as the kernel's 1024
  std::uint32_t table = kMainTable;
  auto operator<=>(const Route&) const = default;
};

}  // namespace netlink
