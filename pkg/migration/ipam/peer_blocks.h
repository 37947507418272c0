// Blocks of peers that the agent cannot derive from flannel's routes on its node: those that are
// not among the first ones of their node's pod CIDR.
//
// Of an IPv6 pod CIDR the agent knows the first blocks only; and a block may lie in another node's
// pod CIDR, or in nobody's, before strays are gathered. The blocks that the next pods of a peer may
// need are told as well: they may be claimed before Felix starts and asks.
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

// Of all nodes.
std::vector<OutlyingBlock> outlying_blocks(const Survey& survey);

// Those of the others, for the task of that node: as many as fit into a Pod.
std::vector<api::AgentPeerBlock> peer_blocks(const std::vector<OutlyingBlock>& all,
                                             std::string_view node);

}  // namespace migration
