// The state of the cluster before the first change: one ConfigMap in the operator's namespace,
// written before anything else and deleted as the last thing of a revert. The ConfigMap also marks
// that a migration has begun.
#pragma once

#include "api/config_map.h"
#include "base/error.h"
#include "flannel/install.h"
#include "migration/facts/settings.h"
#include "migration/model/cluster_state.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migration {

struct Originals {
  // flannel's DaemonSets, whole, without status and server-set metadata, and without the
  // migration's own selector key (an upstream Job that was adopted half-way has left it there).
  std::map<api::ObjectKey, std::string> flannel_sets;
  std::map<api::ObjectKey, api::StringMap> flannel_selectors;
  // calico-node
  bool calico_had_selector = true;
  std::string calico_update_strategy;
  // Objects that were there, as they were; absent: there was none.
  std::optional<std::string> felix;
  std::optional<std::int64_t> felix_mtu;  // vxlanMTU in it
  std::optional<std::string> ipam_config;
  api::StringMap pools;
  std::optional<std::string> veth_mtu;
  // IPAM objects that are not ours to delete.
  std::set<std::string> blocks;
  std::set<std::string> affinities;
  // Calico's node annotations that were there (Canal writes some).
  std::map<std::string, api::StringMap> node_annotations;
  KeptSettings settings;
  std::optional<base::TimePoint> saved;  // creationTimestamp of the ConfigMap
  bool operator==(const Originals&) const = default;
};

// Collects what is saved, from the current cluster. `flannel_sets` are the DaemonSets that run
// flannel.
Originals take_originals(const ClusterState& cluster,
                         const std::vector<const api::DaemonSet*>& flannel_sets,
                         const api::DaemonSet& calico_node, const api::ConfigMap* calico_config);
// The ConfigMap in which the originals are saved.
api::ObjectKey originals_key(const Identity& self);
api::ConfigMap render(const Originals& originals, const std::string& ns);
// Invalid names the key of the ConfigMap that cannot be read.
base::Result<Originals> parse_originals(const api::ConfigMap& map);

// The saved flannel's configuration; nullopt when none was saved, or it cannot be read.
std::optional<flannel::Candidate> saved_flannel(const Originals& originals,
                                                const ClusterState& cluster);

// A saved DaemonSet as it is created again during a revert: with the migration's node selector, and
// OnDelete.
base::Result<std::string> for_revert(const std::string& saved_json);

}  // namespace migration
