// Calico's data of one node: what it has to be, what of it is missing, and whose data conflicts
// with it.
#pragma once

#include "calico/vtep.h"
#include "migration/facts/survey.h"
#include "migration/ipam/node_blocks.h"
#include "migration/model/action.h"

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace migration {

struct BlockConflict {
  net::Cidr block;
  std::string holder;  // the block's affinity, "host:w9"; may be empty
  bool operator==(const BlockConflict&) const = default;
};

// Advice for a person on a block conflict.
inline constexpr std::string_view kReleaseBlock =
    "Move the pods that use them, then release the block (calicoctl ipam release, or delete its "
    "IPAMBlock and BlockAffinity when it is empty)";

struct NodeIpam {
  calico::NodeVteps vteps;
  std::vector<net::Cidr> blocks;  // that the node must own
  std::vector<BlockConflict> conflicts;
  std::string problem;  // the node cannot be prepared, and why; empty otherwise
  std::vector<Action>
      missing;  // in the order in which a crash between any two leaves nothing half-claimed

  bool complete = true;  // false: where its pods' IPv6 addresses lie is not known yet

  bool ready() const { return complete && problem.empty() && conflicts.empty() && missing.empty(); }
};

// `goal` is the network of a node that has just joined. `live` are addresses that need a block
// beside the addresses of pods that the API knows.
NodeIpam examine_ipam(const Survey& survey, const NodeView& node, Network goal,
                      const std::set<net::IpAddress>& live = {});

}  // namespace migration
