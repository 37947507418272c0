// Nodes that are not flannel's, or that nothing can be done for: the migration leaves them as they
// are, counts them as skipped, and does not wait for them.
#pragma once

#include "migration/facts/flannel_choice.h"
#include "migration/facts/survey.h"

#include <string>
#include <vector>

namespace migration {

// The reason why the node is left alone; empty when it moves, or is known to the migration already.
std::string why_left_alone(const Survey& survey, const FlannelReach& reach, const NodeView& node);

// True for a Node that stands for a device outside of the cluster (a load balancer), so that
// flannel announces the device to every node.
bool is_dummy(const NodeView& node);

// True for nodes of another operating system than Linux. Only those that flannel serves are left
// alone.
bool has_other_system(const api::Node& node);

// True if the node never takes another pod network than flannel's, also after the migration.
bool stays_on_flannel(const NodeView& node);

// The reason why Calico cannot use flannel's data of a node that is left alone; empty when it can.
std::string why_not_told(const Survey& survey, const NodeView& node);

// Nodes whose tunnel end point and addresses Calico has to know: all that move, and the nodes left
// alone for which why_not_told() is empty.
std::vector<const NodeView*> recorded_nodes(const Survey& survey);

// The number of nodes that are left alone and for which the DaemonSet has a pod nevertheless.
int left_alone_with(const Survey& survey, const api::DaemonSet& set);

// A sentence for the user at the end; empty when no node is left alone.
std::string told_of_left_alone(const Survey& survey);

}  // namespace migration
