// Decides whether a node is in service as the scheduler sees it: its network's condition and taint.
//
// calico-node sets NetworkUnavailable True as it ends, and the node controller adds the taint. Old
// flannels, flannels that are configured so, and Canal never set it False, so the operator does.
#pragma once

#include "migration/facts/survey.h"
#include "migration/plan_builder.h"

#include <string>
#include <vector>

namespace migration {

// True if calico-node has ended there, and no later condition says that the node has a network.
bool left_by_calico(const api::Node& node);

// Says for people what keeps the scheduler away from the node: condition, reason and taint. Empty
// if it has nothing to do with the network.
std::string network_trouble(const api::Node& node);

// The DaemonSets of one network.
std::vector<const api::DaemonSet*> sets_of(const Survey& survey, Network network);

// The pod of that network's DaemonSet on the node, when it is Ready and stays; nullptr otherwise,
// also while the node's pods are not known.
const api::Pod* serving_pod(const Survey& survey, const NodeView& node, Network network);

// Says of the node that `network` serves it.
SetNetworkAvailable network_available(const Survey& survey, const NodeView& node, Network network);

// The first node that is kept from pods for its network's sake, and why; empty: there is none.
std::string first_network_trouble(const Survey& survey);

// Corrects the condition of nodes that rest on flannel, where Calico has ended and flannel's pod is
// Ready.
void serve_resting_nodes(PlanBuilder& builder);

}  // namespace migration
