// Calico's data of one node: what it has to be, what of it is missing, and who stands in the way
// (design.md 4.5).
#pragma once

#include "calico/vtep.h"
#include "migration/action.h"
#include "migration/survey.h"

#include <set>
#include <string>
#include <vector>

namespace migration {

struct BlockConflict {
  net::Cidr block;
  std::string holder;  // the block's affinity, "host:w9"; empty: nobody's
  bool operator==(const BlockConflict&) const = default;
};

struct NodeIpam {
  calico::NodeVteps vteps;
  std::vector<net::Cidr> blocks;  // that the node must own, in address order
  std::vector<BlockConflict> conflicts;
  std::string problem;  // the node cannot be prepared, and why; empty otherwise
  std::vector<Action>
      missing;  // in the order in which a crash between any two leaves nothing half-claimed

  bool ready() const { return problem.empty() && conflicts.empty() && missing.empty(); }
};

// `goal` is where a node that has just joined belongs.
NodeIpam examine_ipam(const Survey& survey, const NodeView& node, Network goal);

// The blocks that a pod CIDR is made of: all of an IPv4 one; of an IPv6 one as many as give 256
// addresses, since a /64 holds more blocks than could ever be claimed (datamodel.md 2.4).
std::vector<net::Cidr> blocks_of(const net::Cidr& pod_cidr, int block_size);

// The node's block that holds this address; nullptr when none does.
const api::IpamBlock* find_block(const ClusterState& cluster, const NodeIpam& ipam,
                                 const net::IpAddress& address);

struct LiveAddresses {
  std::set<net::IpAddress> all;
  // Seen on the bridge itself: who else holds one of them in Calico's data is a pod that is gone
  // and whose release got lost, since flannel's plugin was in force when it went.
  std::set<net::IpAddress> on_bridge;
};

// Addresses of this node that Calico must not give out while pods live on flannel's bridge: those
// of its pods as the API knows them, those in the agent's report, and the bridge's own (the first
// after the network address).
LiveAddresses live_addresses(const NodeView& node, const std::set<net::IpAddress>& reported);
// What flannel's bridge has for itself: the first address of each pod CIDR, and IPv4's broadcast.
std::set<net::IpAddress> bridge_addresses(const api::Node& node);
// Reservations still to be made for these addresses; empty when every one that lies in a block of
// the node is held.
std::vector<Action> reserve(const Survey& survey, const NodeView& node, const NodeIpam& ipam,
                            const LiveAddresses& live);
// What releases the node's reservation altogether; empty when there is none.
std::vector<Action> release_reservation(const Survey& survey, const NodeView& node);
// Whether that address is held by the node's reservation.
bool is_reserved(const Survey& survey, const NodeView& node, const net::IpAddress& address);

}  // namespace migration
