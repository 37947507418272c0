// Reserves addresses that Calico must not assign while pods still hold them on flannel's bridge, in
// the node's blocks under a handle of our own (operator/decisions, 4).
#pragma once

#include "migration/ipam/node_ipam.h"

#include <set>
#include <vector>

namespace migration {

struct LiveAddresses {
  std::set<net::IpAddress> all;
  // Addresses seen on the bridge itself. Another holder of such an address in Calico's data is a
  // pod that is gone and was not released, since flannel's plugin was in force when it ended.
  std::set<net::IpAddress> on_bridge;
};

// Addresses of this node that Calico must not assign while pods live on flannel's bridge: of its
// pods as the API knows them, in the agent's report, and the bridge's own.
LiveAddresses live_addresses(const NodeView& node, const std::set<net::IpAddress>& reported);
// Addresses that no pod can have because flannel's bridge uses them: of each pod CIDR the network
// address, the first one, and IPv4's broadcast, which the kernel looks up before any route.
std::set<net::IpAddress> bridge_addresses(const api::Node& node);
// Reservations still to be made for these addresses; empty when all that lie in a block of the node
// are held.
std::vector<Action> reserve(const Survey& survey, const NodeView& node, const LiveAddresses& live);
// Actions that release the node's reservation, but for the addresses that keep its blocks
// (placeholder.h); empty when nothing else is reserved.
std::vector<Action> release_reservation(const Survey& survey, const NodeView& node);
// Releases addresses that no pod has now, while the bridge is there: at most one write a block. The
// node's pods must be known.
std::vector<Action> release_unused(const Survey& survey, const NodeView& node);
// Actions that release the whole reservation, at the end.
std::vector<Action> release_everything(const Survey& survey, const NodeView& node);
// The number of addresses that its blocks have left for pods, in the family that has fewest.
std::uint64_t free_addresses(const Survey& survey, const NodeView& node);
// Whether that address is held by the node's reservation.
bool is_reserved(const Survey& survey, const NodeView& node, const net::IpAddress& address);

}  // namespace migration
