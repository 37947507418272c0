// A network device, as far as a VXLAN pod network needs it.
#pragma once

#include "net/ip_address.h"
#include "net/mac_address.h"

#include <cstdint>
#include <optional>
#include <string>

namespace netlink {

// Settings of a VXLAN device besides its name.
struct Vxlan {
  std::uint32_t vni = 0;
  std::uint16_t port = 0;                // UDP destination port
  std::uint32_t parent = 0;              // index of the outer device; 0: none
  std::optional<net::IpAddress> local;   // outer source address
  std::optional<net::IpAddress> remote;  // default destination: neither flannel nor Felix sets one
  bool learning = false;
  bool gbp = false;       // group based policy extension
  bool external = false;  // metadata mode, e.g. Cilium's or OVS's
  bool operator==(const Vxlan&) const = default;
};

struct Link {
  std::uint32_t index = 0;
  std::string name;
  std::string kind;  // "vxlan", "bridge", "veth", ...; empty for real hardware
  bool up = false;   // administratively
  std::uint32_t mtu = 0;
  std::optional<net::MacAddress> mac;
  // True if userspace has set the device's MAC; otherwise udev may replace it whenever the device
  // appears or is renamed. netlink does not report it: Kernel::links() leaves it false.
  bool mac_is_set = false;
  std::uint32_t master = 0;  // index of the bridge that it is a port of; 0: none
  bool proxy_arp = false;    // answers ARP for what the host has behind other devices (IPv4)
  std::optional<Vxlan> vxlan;
  bool operator==(const Link&) const = default;
};

}  // namespace netlink
