// Agents' reports about flannel's settings on their nodes.
#pragma once

#include "migration/facts/settings.h"
#include "migration/model/cluster_state.h"

namespace migration {

// The smallest MTU of a tunnel that is believed: what IPv6 needs of every link, less VXLAN's own
// headers. A node could report any, and the smallest counts for the whole cluster.
inline constexpr int kLeastTunnelMtu = 1230;

// Fills in subnet.env and the device's MTU of the node with the smallest one. Reports are from
// Preflight agents, and from agents whose hand-over was refused because of the MTU.
void read_reports(const ClusterState& cluster, SettingSources& sources);

}  // namespace migration
