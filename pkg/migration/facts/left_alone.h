// Nodes that are not flannel's, or that nothing can be done for: the migration leaves them as they
// are, counts them as skipped, and does not wait for them.
#pragma once

#include "migration/facts/flannel_choice.h"
#include "migration/facts/survey.h"

#include <string>
#include <vector>

namespace migration {

// Why; empty when the node is one that moves, or is known to the migration already.
std::string why_left_alone(const Survey& survey, const FlannelReach& reach, const NodeView& node);

// A device outside of the cluster (a load balancer's) has one, so that flannel tells it to every
// node.
bool is_dummy(const NodeView& node);

// Windows, of which only those that flannel serves are left alone.
bool has_other_system(const api::Node& node);

// Nobody there ever takes another pod network than flannel's, also when the migration is over.
bool stays_on_flannel(const NodeView& node);

// flannel's data of a node that is left alone is something that Calico can use.
bool can_be_told(const Survey& survey, const NodeView& node);

// Those whose tunnel end point and addresses Calico has to know: all that move, and of those left
// alone the ones that can be told.
std::vector<const NodeView*> recorded_nodes(const Survey& survey);

// How many nodes are left alone that the DaemonSet has a pod for all the same.
int left_alone_with(const Survey& survey, const api::DaemonSet& set);

// What a user has to know at the end; empty when none is left alone.
std::string told_of_left_alone(const Survey& survey);

}  // namespace migration
