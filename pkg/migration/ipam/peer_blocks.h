// Finds blocks of peers that the agent cannot derive from flannel's routes on its node, since they
// are not among the first blocks of the peer's pod CIDR.
//
// Of an IPv6 pod CIDR the agent derives the first blocks only; and before misplaced pods are moved,
// a block may lie in another node's pod CIDR, or in no node's. The task also names the blocks that
// the next pods of a peer may need: they may be claimed before Felix starts and reads Calico's
// data.
#pragma once

#include "migration/facts/survey.h"

#include <string_view>
#include <vector>

namespace migration {

struct OutlyingBlock {
  std::string_view peer;  // name of the node, in the survey
  net::Cidr block;
  net::IpAddress vtep;
  bool operator==(const OutlyingBlock&) const = default;
};

// Outlying blocks of all nodes.
std::vector<OutlyingBlock> outlying_blocks(const Survey& survey);

// Selects the blocks of other nodes, for the task of that node: as many as fit into a Pod.
std::vector<api::AgentPeerBlock> peer_blocks(const std::vector<OutlyingBlock>& all,
                                             std::string_view node);

}  // namespace migration
