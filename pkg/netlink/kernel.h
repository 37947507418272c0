// Devices, addresses, routes, neighbours and forwarding entries of the network namespace that the
// caller is in. Every call asks the kernel; nothing is remembered. Not thread safe.
#pragma once

#include "base/error.h"
#include "netlink/address.h"
#include "netlink/link.h"
#include "netlink/neighbour.h"
#include "netlink/route.h"
#include "netlink/socket.h"

#include <optional>
#include <string_view>
#include <vector>

namespace netlink {

class Kernel {
 public:
  static base::Result<Kernel> open();

  base::Result<std::vector<Link>> links();
  base::Result<std::vector<Address>> addresses();
  base::Result<std::vector<Route>> routes();  // of all tables
  // The type of the route that a packet of this host to that address takes; nullopt if there is
  // none.
  base::Result<std::optional<RouteType>> look_up(const net::IpAddress& address);
  base::Result<std::vector<Neighbour>> neighbours();
  base::Result<std::vector<FdbEntry>> fdb();

  // AlreadyExists also when another device has the same VNI and port.
  base::Result<void> add_vxlan(const Link& link);
  base::Result<void> add_veth(std::string_view name, std::string_view peer, int namespace_fd);
  base::Result<void> add_bridge(std::string_view name, std::uint32_t mtu);
  // Sets Link::proxy_arp so that the host answers at once, without the kernel's usual delay.
  base::Result<void> set_proxy_arp(std::uint32_t index, bool on);
  // Conflict when the device is up and the kernel (before Linux 6.2) renames only those that are
  // down; AlreadyExists when the name is taken.
  base::Result<void> rename(std::uint32_t index, std::string_view name);
  // The device has Link::mac_is_set from then on, also when it has that MAC already. The kernel
  // forgets every neighbour of the device, permanent ones included.
  base::Result<void> set_mac(std::uint32_t index, const net::MacAddress& mac);
  base::Result<void> set_mtu(std::uint32_t index, std::uint32_t mtu);
  base::Result<void> set_up(std::uint32_t index, bool up);
  base::Result<void> set_master(std::uint32_t index, std::uint32_t master);
  base::Result<void> delete_link(std::uint32_t index);

  // Replace creates or changes the object. Delete returns NotFound when there is none like it.
  base::Result<void> replace_address(const Address& address);
  base::Result<void> delete_address(const Address& address);
  base::Result<void> replace_route(const Route& route);
  base::Result<void> delete_route(const Route& route);
  // Tens of thousands of routes in few system calls. A route that fails does not keep the others
  // from being written; the first error is returned.
  base::Result<void> replace_routes(const std::vector<Route>& routes);
  base::Result<void> delete_routes(const std::vector<Route>& routes);
  base::Result<void> replace_neighbour(const Neighbour& neighbour);
  base::Result<void> delete_neighbour(const Neighbour& neighbour);
  base::Result<void> replace_fdb(const FdbEntry& entry);
  base::Result<void> delete_fdb(const FdbEntry& entry);

 private:
  explicit Kernel(Socket socket) : socket_(std::move(socket)) {}

  Socket socket_;
};

}  // namespace netlink
