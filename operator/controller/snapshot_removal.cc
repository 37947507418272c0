// What the snapshot forgets: deletions, and what a full list does not name.
#include "controller/snapshot_builder.h"
#include "migration/action.h"

#include <algorithm>

namespace controller {
namespace {

// Answers to writes that race with a deletion come within seconds; this many deletions are kept.
constexpr std::size_t kMostDeleted = 1024;

// Older than the version of every object, as etcd's first revision is that of the empty store; a
// write to this version is refused, while one to an empty version would go to any.
constexpr std::string_view kOldest = "1";

template <typename Map>
void make_oldest(Map& map) {
  for (auto& [key, object] : map) object.meta.resource_version = kOldest;
}

template <typename Object>
void make_oldest(std::optional<Object>& place) {
  if (place) place->meta.resource_version = kOldest;
}

// What a list says about objects that it did not hand out.
struct Listed {
  const std::set<std::string>& seen;
  const std::string& version;

  bool is_gone(const std::string& name, const api::ObjectStamp& meta) const {
    return !seen.contains(name) &&
           (version.empty() || api::at_least_as_new(version, meta.resource_version));
  }
  template <typename Map>
  void erase_gone(Map& map) const {
    std::erase_if(map, [this](const auto& entry) {
      return is_gone(entry.second.meta.name, entry.second.meta);
    });
  }
  template <typename Object>
  void reset_gone(std::optional<Object>& place) const {
    if (place && is_gone(place->meta.name, place->meta)) place.reset();
  }
};

// Whether a deletion is about the object that is known, and not about one of the same name before
// or after it.
bool concerns(const api::ObjectStamp& deleted, const api::ObjectStamp& known) {
  if (!deleted.resource_version.empty())
    return api::at_least_as_new(deleted.resource_version, known.resource_version);
  return deleted.uid.empty() || known.uid.empty() || deleted.uid == known.uid;
}

template <typename Map>
void erase_named(Map& map, const api::ObjectStamp& meta) {
  std::erase_if(map, [&](const auto& entry) {
    const auto& known = entry.second.meta;
    return known.name == meta.name && known.ns == meta.ns && concerns(meta, known);
  });
}

template <typename Object>
void reset_named(std::optional<Object>& place, const api::ObjectStamp& meta) {
  if (place && place->meta.name == meta.name && concerns(meta, place->meta)) place.reset();
}

}  // namespace

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
  switch (kind) {
    case Kind::FlannelMigrations:
      std::erase_if(state_.migrations, [&](const auto& m) {
        return m.meta.name == meta.name && concerns(meta, m.meta);
      });
      return;
    case Kind::Nodes: {
      const auto node = state_.nodes.find(meta.name);
      if (node != state_.nodes.end() && concerns(meta, node->second.node.meta)) erase_node(node);
      return;
    }
    case Kind::DaemonSets:
      return erase_named(state_.daemon_sets, meta);
    case Kind::IpPools:
      return erase_named(state_.pools, meta);
    case Kind::FelixConfigurations:
      return reset_named(state_.felix, meta);
    case Kind::IpamConfigs:
      return reset_named(state_.ipam_config, meta);
    case Kind::IpamBlocks:
      return erase_named(state_.blocks, meta);
    case Kind::BlockAffinities:
      return erase_named(state_.affinities, meta);
    case Kind::IpamHandles:
      return erase_named(state_.handles, meta);
    case Kind::ClusterInformations:
      return reset_named(state_.cluster_information, meta);
    case Kind::AgentPods:
      erase_named(strays_, meta);
      for (auto& [name, node] : state_.nodes) erase_named(node.agents, meta);
      return;
  }
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
  // Older than every object, until nodes are listed or heard of in the new store.
  state_.nodes_version = "0";
  deleted_.clear();
  deleted_order_.clear();
  switch (kind) {
    case Kind::FlannelMigrations:
      for (auto& migration : state_.migrations) migration.meta.resource_version = kOldest;
      return;
    case Kind::Nodes:
      for (auto& [name, entry] : state_.nodes) entry.node.meta.resource_version = kOldest;
      return;
    case Kind::DaemonSets:
      return make_oldest(state_.daemon_sets);
    case Kind::IpPools:
      return make_oldest(state_.pools);
    case Kind::FelixConfigurations:
      return make_oldest(state_.felix);
    case Kind::IpamConfigs:
      return make_oldest(state_.ipam_config);
    case Kind::IpamBlocks:
      return make_oldest(state_.blocks);
    case Kind::BlockAffinities:
      return make_oldest(state_.affinities);
    case Kind::IpamHandles:
      return make_oldest(state_.handles);
    case Kind::ClusterInformations:
      return make_oldest(state_.cluster_information);
    case Kind::AgentPods:
      make_oldest(strays_);
      for (auto& [name, entry] : state_.nodes) make_oldest(entry.agents);
      return;
  }
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
  switch (kind) {
    case Kind::FlannelMigrations:
      std::erase_if(state_.migrations,
                    [&](const auto& m) { return listed.is_gone(m.meta.name, m.meta); });
      return;
    case Kind::Nodes:
      state_.nodes_version = version;
      for (auto node = state_.nodes.begin(); node != state_.nodes.end();) {
        const auto next = std::next(node);
        if (listed.is_gone(node->first, node->second.node.meta)) erase_node(node);
        node = next;
      }
      return;
    case Kind::DaemonSets:
      std::erase_if(state_.daemon_sets, [&](const auto& entry) {
        return listed.is_gone(entry.first.to_string(), entry.second.meta);
      });
      return;
    case Kind::IpPools:
      return listed.erase_gone(state_.pools);
    case Kind::FelixConfigurations:
      return listed.reset_gone(state_.felix);
    case Kind::IpamConfigs:
      return listed.reset_gone(state_.ipam_config);
    case Kind::IpamBlocks:
      return listed.erase_gone(state_.blocks);
    case Kind::BlockAffinities:
      return listed.erase_gone(state_.affinities);
    case Kind::IpamHandles:
      return listed.erase_gone(state_.handles);
    case Kind::ClusterInformations:
      return listed.reset_gone(state_.cluster_information);
    case Kind::AgentPods:
      listed.erase_gone(strays_);
      for (auto& [name, node] : state_.nodes) listed.erase_gone(node.agents);
      return;
  }
}

}  // namespace controller
