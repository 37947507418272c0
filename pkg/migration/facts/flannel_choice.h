// Chooses the DaemonSets that are migrated among those that run flanneld, and the nodes they are
// for.
#pragma once

#include "flannel/install.h"
#include "migration/facts/originals.h"
#include "migration/model/cluster_state.h"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migration {

// Looks up the known ConfigMaps of a namespace; valid as long as the cluster.
flannel::FindConfigMap config_maps_in(const ClusterState& cluster, const std::string& ns);

// Every DaemonSet that runs flanneld, and the sets in `named`, whatever they run.
std::vector<flannel::Candidate> find_flannels(const ClusterState& cluster,
                                              const std::set<api::ObjectKey>& named);
// Whether a FlannelMigration says that this DaemonSet is flannel's.
bool is_named(const ClusterState& cluster, const api::ObjectKey& set);
// The DaemonSets that a migration began with.
std::set<api::ObjectKey> saved_flannels(const std::optional<Originals>& originals);
// The saved DaemonSets, and those that a FlannelMigration names as flannel's.
std::set<api::ObjectKey> named_flannels(const ClusterState& cluster,
                                        const std::optional<Originals>& originals);

// The DaemonSets of one installation: of the named one, else of the one that the migration began
// with, else of the first that wants some node. Empty if the named one does not exist.
std::vector<flannel::Candidate> choose_flannels(const ClusterState& cluster,
                                                const std::vector<flannel::Candidate>& candidates,
                                                const std::optional<api::ObjectKey>& named,
                                                const std::optional<Originals>& originals);

// Nodes that flannel is for, whether or not its DaemonSets are bound to the migration's label, or
// deleted meanwhile.
class FlannelReach {
 public:
  FlannelReach(const std::vector<const api::DaemonSet*>& sets,
               const std::optional<Originals>& originals);

  bool wants(const api::Node& node) const;

 private:
  std::vector<api::DaemonSet> sets_;  // nothing but their selectors
};

bool wants_some_node(const ClusterState& cluster, const api::DaemonSet& set);

// True if the set wants the node, apart from the migration's own label.
bool would_want(const api::DaemonSet& set, const api::Node& node);

}  // namespace migration
