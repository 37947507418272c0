#include "netlink/kernel.h"

#include "netlink/dump.h"
#include "netlink/link_messages.h"
#include "netlink/neighbour_messages.h"
#include "netlink/route_messages.h"

#include <fmt/format.h>
#include <linux/netlink.h>

#include <algorithm>
#include <cerrno>

namespace netlink {
namespace {

// The kernel's own (net/ipv4/arp.c).
constexpr base::Duration kProxyDelay{800};

base::Result<void> change(Socket& socket, Message message, const std::string& what) {
  return socket.change(message, what);
}

// Sends batches for which all errors fit into the socket's buffer.
base::Result<void> change_all(Socket& socket, const std::vector<Route>& routes,
                              Message (*make)(const Route&), std::string_view what) {
  constexpr std::size_t kBatch = 128;
  base::Result<void> verdict;
  for (std::size_t i = 0; i < routes.size(); i += kBatch) {
    std::vector<Message> batch;
    const auto end = std::min(i + kBatch, routes.size());
    for (auto j = i; j < end; ++j) batch.push_back(make(routes[j]));
    const auto done = socket.send_batch(batch, what);
    if (!done && verdict) verdict = done;
  }
  return verdict;
}

std::string describe(const char* verb, const Route& route) {
  return fmt::format("{} route {}", verb, route.destination.to_string());
}

}  // namespace

base::Result<Kernel> Kernel::open() {
  auto socket = Socket::open(NETLINK_ROUTE);
  if (!socket) return tl::unexpected(socket.error());
  return Kernel(std::move(*socket));
}

base::Result<std::vector<Link>> Kernel::links() {
  return dump_all<Link>(socket_, list_links(), "listing devices", parse_link);
}

base::Result<std::vector<Address>> Kernel::addresses() {
  return dump_all<Address>(socket_, list_addresses(), "listing addresses", parse_address);
}

base::Result<std::vector<Route>> Kernel::routes() {
  auto all =
      dump_all<Route>(socket_, list_routes(net::Family::V4), "listing IPv4 routes", parse_route);
  auto v6 =
      dump_all<Route>(socket_, list_routes(net::Family::V6), "listing IPv6 routes", parse_route);
  if (!all) return all;
  if (!v6) return v6;
  all->insert(all->end(), v6->begin(), v6->end());
  return all;
}

// The kernel answers with an error where a route says that packets are dropped (fib_props,
// fib_semantics.c; the same for IPv6).
base::Result<std::optional<RouteType>> Kernel::look_up(const net::IpAddress& address) {
  std::optional<RouteType> type;
  auto question = look_up_route(address);
  const int error =
      socket_.ask(question, [&type](const nlmsghdr* answer) { type = parse_looked_up(answer); });
  switch (error) {
    case 0:
    case ENETUNREACH:
    case EOPNOTSUPP:    // a family that this kernel
    case EAFNOSUPPORT:  // has switched off
      return type;
    case EINVAL:
      return RouteType::Blackhole;
    case EHOSTUNREACH:
      return RouteType::Unreachable;
    case EACCES:
      return RouteType::Prohibit;
    default:
      return system_error("looking up the route to " + address.to_string(), error);
  }
}

base::Result<std::vector<Neighbour>> Kernel::neighbours() {
  return dump_all<Neighbour>(socket_, list_neighbours(), "listing neighbours", parse_neighbour);
}

base::Result<std::vector<FdbEntry>> Kernel::fdb() {
  return dump_all<FdbEntry>(socket_, list_fdb(), "listing forwarding entries", parse_fdb);
}

base::Result<void> Kernel::add_vxlan(const Link& link) {
  return change(socket_, new_vxlan(link), "adding device " + link.name);
}

base::Result<void> Kernel::add_veth(std::string_view name, std::string_view peer,
                                    int namespace_fd) {
  return change(socket_, new_veth(name, peer, namespace_fd), fmt::format("adding device {}", name));
}

base::Result<void> Kernel::add_bridge(std::string_view name, std::uint32_t mtu) {
  return change(socket_, new_bridge(name, mtu), fmt::format("adding device {}", name));
}

base::Result<void> Kernel::set_proxy_arp(std::uint32_t index, bool on) {
  const auto delay = on ? base::Duration(0) : kProxyDelay;
  if (auto done = change(socket_, set_proxy_delay(index, delay), "setting the delay of proxy ARP");
      !done)
    return done;
  return change(socket_, netlink::set_proxy_arp(index, on),
                on ? "switching proxy ARP on" : "switching proxy ARP off");
}

base::Result<void> Kernel::rename(std::uint32_t index, std::string_view name) {
  return change(socket_, rename_link(index, name), fmt::format("renaming a device to {}", name));
}

base::Result<void> Kernel::set_mac(std::uint32_t index, const net::MacAddress& mac) {
  return change(socket_, set_link_mac(index, mac), "setting MAC " + mac.to_string());
}

base::Result<void> Kernel::set_mtu(std::uint32_t index, std::uint32_t mtu) {
  return change(socket_, set_link_mtu(index, mtu), fmt::format("setting MTU {}", mtu));
}

base::Result<void> Kernel::set_up(std::uint32_t index, bool up) {
  return change(socket_, set_link_up(index, up), up ? "setting a device up" : "setting it down");
}

base::Result<void> Kernel::set_master(std::uint32_t index, std::uint32_t master) {
  return change(socket_, set_link_master(index, master), "making a device a port");
}

base::Result<void> Kernel::delete_link(std::uint32_t index) {
  return change(socket_, netlink::delete_link(index), "deleting a device");
}

base::Result<void> Kernel::replace_address(const Address& address) {
  return change(socket_, netlink::replace_address(address),
                "setting address " + address.address.to_string());
}

base::Result<void> Kernel::delete_address(const Address& address) {
  return change(socket_, netlink::delete_address(address),
                "deleting address " + address.address.to_string());
}

base::Result<void> Kernel::replace_route(const Route& route) {
  return change(socket_, netlink::replace_route(route), describe("setting", route));
}

base::Result<void> Kernel::delete_route(const Route& route) {
  return change(socket_, netlink::delete_route(route), describe("deleting", route));
}

base::Result<void> Kernel::replace_routes(const std::vector<Route>& routes) {
  return change_all(socket_, routes, netlink::replace_route, "setting routes");
}

base::Result<void> Kernel::delete_routes(const std::vector<Route>& routes) {
  return change_all(socket_, routes, netlink::delete_route, "deleting routes");
}

base::Result<void> Kernel::replace_neighbour(const Neighbour& neighbour) {
  return change(socket_, netlink::replace_neighbour(neighbour),
                "setting neighbour " + neighbour.address.to_string());
}

base::Result<void> Kernel::delete_neighbour(const Neighbour& neighbour) {
  return change(socket_, netlink::delete_neighbour(neighbour),
                "deleting neighbour " + neighbour.address.to_string());
}

base::Result<void> Kernel::replace_fdb(const FdbEntry& entry) {
  return change(socket_, netlink::replace_fdb(entry), "setting entry " + entry.mac.to_string());
}

base::Result<void> Kernel::delete_fdb(const FdbEntry& entry) {
  return change(socket_, netlink::delete_fdb(entry), "deleting entry " + entry.mac.to_string());
}

}  // namespace netlink
