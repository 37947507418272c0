// Removes objects from the snapshot: deletions, and objects that a full list does not name.
#include "controller/snapshot/snapshot_builder.h"
#include "migration/model/action.h"

#include <algorithm>

namespace controller {
namespace {

// Answers to writes that race with a deletion come within seconds; this many deletions are kept.
constexpr std::size_t kMostDeleted = 1024;

// Older than the version of every object, as etcd's first revision is that of the empty store. A
// write to this version is refused, while a write to an empty version would change any object.
constexpr std::string_view kOldest = "1";

// Decides which objects a list that has not named them proves gone.
struct Listed {
  const std::set<std::string>& seen;
  const std::string& version;

  bool is_gone(const std::string& name, const api::ObjectStamp& object) const {
    return !seen.contains(name) &&
           (version.empty() || api::at_least_as_new(version, object.resource_version));
  }
};

// True if a deletion is about the known object, and not about an earlier or later one of the same
// name.
bool concerns(const api::ObjectStamp& deleted, const api::ObjectStamp& known) {
  if (!deleted.resource_version.empty())
    return api::at_least_as_new(deleted.resource_version, known.resource_version);
  return deleted.uid.empty() || known.uid.empty() || deleted.uid == known.uid;
}

// The name under which a list notes that it has handed an object out.
std::string name_in_list(Kind kind, const api::ObjectStamp& object) {
  return kind == Kind::DaemonSets ? api::key_of(object).to_string() : object.name;
}

// Calls `drop` with the known stamp of each object, and removes the objects for which it is true.
template <typename Map, typename Drop>
void sift_map(Map& map, const Drop& drop) {
  for (auto entry = map.begin(); entry != map.end();)
    entry = drop(entry->second.meta) ? map.erase(entry) : std::next(entry);
}

template <typename Object, typename Drop>
void sift_list(std::vector<Object>& list, const Drop& drop) {
  for (auto object = list.begin(); object != list.end();)
    object = drop(object->meta) ? list.erase(object) : std::next(object);
}

template <typename Object, typename Drop>
void sift_place(std::optional<Object>& place, const Drop& drop) {
  if (place && drop(place->meta)) place.reset();
}

}  // namespace

template <typename Drop>
void SnapshotBuilder::sift(Kind kind, const Drop& drop) {
  switch (kind) {
    case Kind::FlannelMigrations:
      return sift_list(state_.migrations, drop);
    case Kind::Nodes:
      return sift_nodes(drop);
    case Kind::DaemonSets:
      return sift_map(state_.daemon_sets, drop);
    case Kind::IpPools:
      return sift_map(state_.pools, drop);
    case Kind::FelixConfigurations:
      sift_map(state_.node_felix, drop);
      return sift_place(state_.felix, drop);
    case Kind::IpamConfigs:
      return sift_place(state_.ipam_config, drop);
    case Kind::IpamBlocks:
      return sift_map(state_.blocks, drop);
    case Kind::BlockAffinities:
      return sift_map(state_.affinities, drop);
    case Kind::IpamHandles:
      return sift_map(state_.handles, drop);
    case Kind::ClusterInformations:
      return sift_place(state_.cluster_information, drop);
    case Kind::AgentPods:
      sift_map(strays_, drop);
      for (auto& [name, node] : state_.nodes) sift_map(node.agents, drop);
      return;
  }
}

template <typename Drop>
void SnapshotBuilder::sift_nodes(const Drop& drop) {
  for (auto node = state_.nodes.begin(); node != state_.nodes.end();) {
    const auto next = std::next(node);
    if (drop(node->second.node.meta)) erase_node(node);
    node = next;
  }
}

void SnapshotBuilder::count_interest(Kind kind) {
  if (kind == Kind::FlannelMigrations || kind == Kind::DaemonSets) ++interests_;
}

bool SnapshotBuilder::seen(Kind kind, const std::string& name, const api::ObjectStamp& meta) {
  count_interest(kind);
  const auto gone = meta.uid.empty() ? deleted_.end() : deleted_.find(meta.uid);
  if (gone != deleted_.end() &&
      (gone->second.empty() || api::at_least_as_new(gone->second, meta.resource_version))) {
    return false;
  }
  const auto list = listing_.find(kind);
  if (list != listing_.end()) list->second.insert(name);
  return true;
}

void SnapshotBuilder::remove(Kind kind, const api::ObjectStamp& meta) {
  count_interest(kind);
  if (!meta.uid.empty()) {
    if (deleted_.insert_or_assign(meta.uid, meta.resource_version).second)
      deleted_order_.push_back(meta.uid);
    if (deleted_order_.size() > kMostDeleted) {
      deleted_.erase(deleted_order_.front());
      deleted_order_.pop_front();
    }
  }
  sift(kind, [&meta](const api::ObjectStamp& known) {
    return known.name == meta.name && known.ns == meta.ns && concerns(meta, known);
  });
}

// A node may come back under its name before its agent pods are collected.
void SnapshotBuilder::erase_node(std::map<std::string, migration::NodeState>::iterator node) {
  strays_.merge(node->second.agents);
  state_.errors.erase(migration::node_key(node->first));
  state_.nodes.erase(node);
}

void SnapshotBuilder::remove_config_map(const api::ObjectKey& key, const std::string& version) {
  const auto found = state_.config_maps.find(key);
  if (found != state_.config_maps.end() &&
      api::at_least_as_new(version, found->second.meta.resource_version))
    state_.config_maps.erase(found);
}

void SnapshotBuilder::forget_versions(Kind kind) {
  // A version older than every object, until nodes are listed or reported in the new store.
  state_.nodes_version = "0";
  deleted_.clear();
  deleted_order_.clear();
  sift(kind, [](api::ObjectStamp& known) {
    known.resource_version = kOldest;
    return false;
  });
}

void SnapshotBuilder::forget_version(const api::ObjectKey& config_map) {
  const auto found = state_.config_maps.find(config_map);
  if (found != state_.config_maps.end()) found->second.meta.resource_version = kOldest;
}

void SnapshotBuilder::list_begins(Kind kind) { listing_[kind].clear(); }

void SnapshotBuilder::list_ends(Kind kind, const std::string& version) {
  const auto list = listing_.find(kind);
  if (list == listing_.end()) return;
  count_interest(kind);
  const std::set<std::string> names = std::move(list->second);
  listing_.erase(list);
  const Listed listed{names, version};
  sift(kind, [&](const api::ObjectStamp& known) {
    return listed.is_gone(name_in_list(kind, known), known);
  });
  if (kind == Kind::Nodes) state_.nodes_version = version;
}

}  // namespace controller
