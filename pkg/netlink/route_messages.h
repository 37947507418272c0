// Messages about routes and addresses, as values: nothing is sent here.
#pragma once

#include "netlink/address.h"
#include "netlink/message.h"
#include "netlink/route.h"

#include <optional>

namespace netlink {

// Creates the route, or replaces the one to the same destination with the same metric.
Message replace_route(const Route& route);
// Deletes only a route that agrees in everything that `route` says, protocol and type included.
Message delete_route(const Route& route);
Message list_routes(net::Family family);
// Asks what the kernel would do with a packet of this host to that address.
Message look_up_route(const net::IpAddress& address);
std::optional<RouteType> parse_looked_up(const nlmsghdr* message);
std::optional<Route> parse_route(const nlmsghdr* message);

Message replace_address(const Address& address);
Message delete_address(const Address& address);
// Lists both families.
Message list_addresses();
std::optional<Address> parse_address(const nlmsghdr* message);

}  // namespace netlink
