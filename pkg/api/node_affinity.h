// The part of a pod's affinity that a scheduler, and a DaemonSet's controller, must obey:
// requiredDuringSchedulingIgnoredDuringExecution of nodeAffinity.
#pragma once

#include "api/node.h"

#include <string>
#include <vector>

namespace api {

struct NodeRequirement {
  std::string key;
  std::string op;  // In, NotIn, Exists, DoesNotExist, Gt, Lt
  std::vector<std::string> values;
  bool operator==(const NodeRequirement&) const = default;
};

struct NodeSelectorTerm {
  std::vector<NodeRequirement> labels;  // matchExpressions
  std::vector<NodeRequirement> fields;  // matchFields: metadata.name
  bool operator==(const NodeSelectorTerm&) const = default;
};

using NodeSelectorTerms = std::vector<NodeSelectorTerm>;

NodeSelectorTerms parse_node_selector_terms(json::View terms);

// True if the node satisfies one of the terms. No node satisfies an empty term, as in Kubernetes,
// nor a term that cannot be read.
bool selects(const NodeSelectorTerms& terms, const Node& node);

}  // namespace api
