// A cluster that runs flannel, with pods on it: the world plus what a test does to it.
#pragma once

#include "fakes/build/cluster.h"
#include "scenario/world.h"

#include <map>
#include <set>
#include <string>

namespace scenario {

// Objects as lines, for comparing a world with an earlier one: "node/w001 label x" -> "y".
using Picture = std::map<std::string, std::string>;

class FakeCluster {
 public:
  // Pods get IPv6 addresses from that offset on, as on nodes that have had many pods before.
  explicit FakeCluster(const migration::ClusterState& start, std::uint64_t next_v6 = 2);

  World world;

  // What the planner sees: pods only of nodes that it tracks.
  migration::ClusterState observe(const std::set<std::string>& tracked) const;
  // Controllers and kubelets act once. Answers whether anything changed.
  bool tick();
  // Until nothing changes.
  void settle();

  void create(api::FlannelMigration migration);
  void change_spec(const std::function<void(api::MigrationSpec&)>& change);
  void delete_migration();
  void add_node(api::Node node, bool ready);
  void remove_node(const std::string& name);
  void edit_node(const std::string& name, const std::function<void(api::Node&)>& change);

  // Everything the migration may touch, without what the API server counts up.
  Picture picture() const;
};

// Lines in which they differ, for a message.
std::string differences(const Picture& before, const Picture& after);

}  // namespace scenario
