// Finds where flanneld runs, by its pods and not by what DaemonSets say of themselves.
#pragma once

#include "migration/facts/survey.h"

#include <string>
#include <vector>

namespace migration {

// The node's pods of DaemonSets that run flanneld, by UID; none while the pods are not known.
const DaemonPods::mapped_type& flanneld_on(const ClusterState& cluster, const std::string& node);

// The reason why a flanneld may be left on a node that is on Calico; empty when none is.
std::string flannel_left(const Survey& survey);

// Nodes that no Ready pod of flannel's DaemonSets serves. nullopt: the pods are not known.
std::optional<std::vector<std::string>> without_flannel(const Survey& survey);

}  // namespace migration
