// A cluster and what the planner sees in it, for tests of the planner's parts.
#pragma once

#include "fakes/build/cluster.h"
#include "migration/facts/survey.h"

namespace build {

class Surveyed {
 public:
  explicit Surveyed(migration::ClusterState state,
                    api::FlannelMigration migration_object = a_migration(),
                    base::TimePoint now = start_time())
      : cluster(std::move(state)),
        migration(std::move(migration_object)),
        survey(migration::take_survey(cluster, migration, now)) {}
  Surveyed(const Surveyed&) = delete;

  const migration::NodeView& node(std::string_view name) const { return *survey.find(name); }

  const migration::ClusterState cluster;
  const api::FlannelMigration migration;
  const migration::Survey survey;
};

// A cluster of one node, "w1", with these changes.
template <typename... Changes>
migration::ClusterState a_cluster_of(const Changes&... changes) {
  auto cluster = a_flannel_cluster(nodes(0));
  cluster.nodes["w1"].node = a_node("w1", changes...);
  return cluster;
}

}  // namespace build
