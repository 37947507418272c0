// Messages about devices, as values: nothing is sent here.
#pragma once

#include "base/time.h"
#include "netlink/link.h"
#include "netlink/message.h"

#include <optional>
#include <string_view>

namespace netlink {

// Creates a VXLAN device with the settings of `link.vxlan`. It is up if `link.up`.
Message new_vxlan(const Link& link);
// Creates a pair of virtual Ethernet devices; the second one begins in the network namespace of
// `namespace_fd`.
Message new_veth(std::string_view name, std::string_view peer, int namespace_fd);
// Creates a bridge that is down, with the kernel's own MTU if `mtu` is 0.
Message new_bridge(std::string_view name, std::uint32_t mtu);
Message rename_link(std::uint32_t index, std::string_view name);
// Sets the MAC as userspace does, also if the device has it already.
Message set_link_mac(std::uint32_t index, const net::MacAddress& mac);
Message set_link_mtu(std::uint32_t index, std::uint32_t mtu);
Message set_link_up(std::uint32_t index, bool up);
Message set_link_master(std::uint32_t index, std::uint32_t master);
// Link::proxy_arp
Message set_proxy_arp(std::uint32_t index, bool on);
// Sets how long the host lets others answer first; the kernel takes a random part of it.
Message set_proxy_delay(std::uint32_t index, base::Duration delay);
Message delete_link(std::uint32_t index);
// For a dump of all devices.
Message list_links();

// nullopt for a message that is not about a device.
std::optional<Link> parse_link(const nlmsghdr* message);

}  // namespace netlink
