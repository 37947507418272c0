// Decides in which order nodes move, and which of them may move together.
#pragma once

#include "migration/facts/survey.h"

#include <string>
#include <vector>

namespace migration {

// The status has room for this many names of the order; a longer order is also kept in a ConfigMap.
inline constexpr std::size_t kOrderShown = 50;

// 0 workers, 1 control plane, 2 the operator's own node
int rank(const NodeView& node);
// The node's value of rollout.topologyKey; empty without one.
std::string domain_of(const Survey& survey, const NodeView& node);

// Every Linux node that rollout.nodeSelector selects: workers by domain and name, then
// control-plane nodes, then the operator's own.
std::vector<const NodeView*> rollout_order(const Survey& survey);
// The number of canaries, which are the first of the order; only the way to Calico has any.
std::size_t count_canaries(const Survey& survey, const std::vector<const NodeView*>& order);
// Groups of nodes that may move together, for the printed plan.
int count_waves(const Survey& survey, const std::vector<const NodeView*>& order);

}  // namespace migration
