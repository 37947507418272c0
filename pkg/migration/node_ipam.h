// Calico's data of one node: what it has to be, what of it is missing, and who stands in the way
// (design.md 4.5).
#pragma once

#include "calico/vtep.h"
#include "migration/action.h"
#include "migration/survey.h"

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

}  // namespace migration
