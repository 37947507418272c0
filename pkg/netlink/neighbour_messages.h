// Messages about neighbours and forwarding entries, as values: nothing is sent here.
#pragma once

#include "netlink/message.h"
#include "netlink/neighbour.h"

#include <optional>

namespace netlink {

Message replace_neighbour(const Neighbour& neighbour);
Message delete_neighbour(const Neighbour& neighbour);
// Lists both families.
Message list_neighbours();
// nullopt also for an entry without a MAC.
std::optional<Neighbour> parse_neighbour(const nlmsghdr* message);

// FDB entries here are those of the device's own table (`bridge fdb ... self`).
Message replace_fdb(const FdbEntry& entry);
Message delete_fdb(const FdbEntry& entry);
Message list_fdb();
std::optional<FdbEntry> parse_fdb(const nlmsghdr* message);

}  // namespace netlink
