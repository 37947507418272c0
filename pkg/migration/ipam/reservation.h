// Addresses that Calico must not give out while pods still hold them on flannel's bridge: reserved
// in the node's blocks under a handle of our own (operator/decisions, 4).
#pragma once

#include "migration/ipam/node_ipam.h"

#include <set>
#include <vector>

namespace migration {

struct LiveAddresses {
  std::set<net::IpAddress> all;
  // Seen on the bridge itself: who else holds one of them in Calico's data is a pod that is gone
  // and whose release got lost, since flannel's plugin was in force when it went.
  std::set<net::IpAddress> on_bridge;
};

// Addresses of this node that Calico must not give out while pods live on flannel's bridge: those
// of its pods as the API knows them, those in the agent's report, and the bridge's own.
LiveAddresses live_addresses(const NodeView& node, const std::set<net::IpAddress>& reported);
// What flannel's bridge has for itself and no pod can have beside it: of each pod CIDR the network
// address, the first one, and IPv4's broadcast, which the kernel looks up before any route.
std::set<net::IpAddress> bridge_addresses(const api::Node& node);
// Reservations still to be made for these addresses; empty when every one that lies in a block of
// the node is held.
std::vector<Action> reserve(const Survey& survey, const NodeView& node, const LiveAddresses& live);
// What releases the node's reservation, but for the addresses that keep its blocks (placeholder.h);
// empty when there is nothing else.
std::vector<Action> release_reservation(const Survey& survey, const NodeView& node);
// The same for the addresses that no pod has any more, while the bridge is there: at most one write
// a block. The node's pods must be known.
std::vector<Action> release_unused(const Survey& survey, const NodeView& node);
// What releases the reservation altogether, at the end.
std::vector<Action> release_everything(const Survey& survey, const NodeView& node);
// How many addresses its blocks have left for pods, in the family that has fewest.
std::uint64_t free_addresses(const Survey& survey, const NodeView& node);
// Whether that address is held by the node's reservation.
bool is_reserved(const Survey& survey, const NodeView& node, const net::IpAddress& address);

}  // namespace migration
