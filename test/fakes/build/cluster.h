// Whole clusters that run flannel, as the planner sees them: a_flannel_cluster(nodes(5),
// control_planes(1), dual_stack()).
#pragma once

#include "fakes/build/objects.h"
#include "migration/model/cluster_state.h"

#include <functional>

namespace build {

struct ClusterOptions {
  int nodes = 3;  // control planes included
  int control_planes = 0;
  int zones = 0;
  bool dual_stack = false;
  bool canal = false;
  bool calico = true;  // installed, held back by its node selector
  std::string own_node;
};

using ClusterChange = std::function<void(ClusterOptions&)>;
ClusterChange nodes(int count);
ClusterChange control_planes(int count);
ClusterChange zones(int count);
ClusterChange dual_stack();
ClusterChange canal();
ClusterChange without_calico();
ClusterChange operator_on(std::string_view node);

migration::ClusterState make_flannel_cluster(const ClusterOptions& options);
template <typename... Changes>
migration::ClusterState a_flannel_cluster(const Changes&... changes) {
  ClusterOptions options;
  (changes(options), ...);
  return make_flannel_cluster(options);
}

// The node with that number of such a cluster: "cp1"... first, then "w001"...
api::Node numbered_node(const ClusterOptions& options, int number);

}  // namespace build
