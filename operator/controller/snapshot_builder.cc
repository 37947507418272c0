#include "controller/snapshot_builder.h"

#include "calico/names.h"
#include "controller/resources.h"

#include <algorithm>

namespace controller {
namespace {

template <typename Map, typename Key, typename Object>
void keep_newest(Map& map, const Key& key, Object object) {
  const auto found = map.find(key);
  if (found != map.end() &&
      !api::at_least_as_new(object.meta.resource_version, found->second.meta.resource_version)) {
    return;
  }
  map[key] = std::move(object);
}

template <typename Object>
void keep_newest(std::optional<Object>& place, Object object) {
  if (place && !api::at_least_as_new(object.meta.resource_version, place->meta.resource_version))
    return;
  place = std::move(object);
}

bool is_default(const api::ObjectMeta& meta) { return meta.name == "default"; }

// Handles of pods are as many as pods and of no use here.
bool is_ours(const std::string& handle_id) {
  return handle_id.starts_with("vxlan-tunnel-addr-") ||
         handle_id.starts_with("vxlan-v6-tunnel-addr-") ||
         handle_id.starts_with("flannel-migration-");
}

// Calico's IPAM objects are many, and of their metadata only this is used: a large cluster's fit in
// memory.
template <typename Object>
Object slim(Object object) {
  api::ObjectMeta kept;
  kept.name = std::move(object.meta.name);
  kept.uid = std::move(object.meta.uid);
  kept.resource_version = std::move(object.meta.resource_version);
  kept.deleting = object.meta.deleting;
  object.meta = std::move(kept);
  return object;
}

// Answers to writes that race with a deletion come within seconds; this many deletions are kept.
constexpr std::size_t kMostDeleted = 1024;

// What a list says about objects that it did not hand out.
struct Listed {
  const std::set<std::string>& seen;
  const std::string& version;

  bool is_gone(const std::string& name, const api::ObjectMeta& meta) const {
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
bool concerns(const api::ObjectMeta& deleted, const api::ObjectMeta& known) {
  if (!deleted.resource_version.empty())
    return api::at_least_as_new(deleted.resource_version, known.resource_version);
  return deleted.uid.empty() || known.uid.empty() || deleted.uid == known.uid;
}

template <typename Map>
void erase_named(Map& map, const api::ObjectMeta& meta) {
  std::erase_if(map, [&](const auto& entry) {
    const auto& known = entry.second.meta;
    return known.name == meta.name && known.ns == meta.ns && concerns(meta, known);
  });
}

template <typename Object>
void reset_named(std::optional<Object>& place, const api::ObjectMeta& meta) {
  if (place && place->meta.name == meta.name && concerns(meta, place->meta)) place.reset();
}

}  // namespace

const kube::Resource& resource_of(Kind kind) {
  switch (kind) {
    case Kind::FlannelMigrations:
      return kFlannelMigrations;
    case Kind::Nodes:
      return kube::kNodes;
    case Kind::DaemonSets:
      return kube::kDaemonSets;
    case Kind::IpPools:
      return kIpPools;
    case Kind::FelixConfigurations:
      return kFelixConfigurations;
    case Kind::IpamConfigs:
      return kIpamConfigs;
    case Kind::IpamBlocks:
      return kIpamBlocks;
    case Kind::BlockAffinities:
      return kBlockAffinities;
    case Kind::IpamHandles:
      return kIpamHandles;
    case Kind::ClusterInformations:
      return kClusterInformations;
    case Kind::AgentPods:
      return kube::kPods;
  }
  return kube::kNodes;
}

std::vector<Kind> all_kinds() {
  return {Kind::FlannelMigrations,
          Kind::Nodes,
          Kind::DaemonSets,
          Kind::IpPools,
          Kind::FelixConfigurations,
          Kind::IpamConfigs,
          Kind::IpamBlocks,
          Kind::BlockAffinities,
          Kind::IpamHandles,
          Kind::ClusterInformations,
          Kind::AgentPods};
}

bool SnapshotBuilder::seen(Kind kind, const std::string& name, const api::ObjectMeta& meta) {
  const auto gone = meta.uid.empty() ? deleted_.end() : deleted_.find(meta.uid);
  if (gone != deleted_.end() &&
      (gone->second.empty() || api::at_least_as_new(gone->second, meta.resource_version))) {
    return false;
  }
  const auto list = listing_.find(kind);
  if (list != listing_.end()) list->second.insert(name);
  return true;
}

void SnapshotBuilder::apply(api::FlannelMigration object) {
  if (!seen(Kind::FlannelMigrations, object.meta.name, object.meta)) return;
  auto& all = state_.migrations;
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const auto& m) { return m.meta.name == object.meta.name; });
  if (found == all.end()) {
    all.push_back(std::move(object));
  } else if (api::at_least_as_new(object.meta.resource_version, found->meta.resource_version)) {
    *found = std::move(object);
  }
}

void SnapshotBuilder::apply(api::Node object) {
  if (!seen(Kind::Nodes, object.meta.name, object.meta)) return;
  auto& entry = state_.nodes[object.meta.name];
  if (!entry.node.meta.name.empty() &&
      !api::at_least_as_new(object.meta.resource_version, entry.node.meta.resource_version)) {
    return;
  }
  const bool is_new = entry.node.meta.name.empty();
  entry.node = std::move(object);
  if (is_new) adopt_strays(entry.node.meta.name);
}

void SnapshotBuilder::adopt_strays(const std::string& node) {
  for (auto stray = strays_.begin(); stray != strays_.end();) {
    auto next = std::next(stray);
    if (stray->second.node_name == node) {
      api::Pod pod = std::move(stray->second);
      strays_.erase(stray);
      apply_agent(std::move(pod));
    }
    stray = next;
  }
}

void SnapshotBuilder::apply(api::DaemonSet object) {
  const auto key = api::key_of(object.meta);
  if (!seen(Kind::DaemonSets, key.to_string(), object.meta)) return;
  keep_newest(state_.daemon_sets, key, std::move(object));
}

void SnapshotBuilder::apply(api::IpPool object) {
  const auto name = object.meta.name;
  if (!seen(Kind::IpPools, name, object.meta)) return;
  keep_newest(state_.pools, name, std::move(object));
}

void SnapshotBuilder::apply(api::FelixConfiguration object) {
  if (!is_default(object.meta)) return;
  if (!seen(Kind::FelixConfigurations, object.meta.name, object.meta)) return;
  keep_newest(state_.felix, std::move(object));
}

void SnapshotBuilder::apply(api::IpamConfig object) {
  if (!is_default(object.meta)) return;
  if (!seen(Kind::IpamConfigs, object.meta.name, object.meta)) return;
  keep_newest(state_.ipam_config, std::move(object));
}

void SnapshotBuilder::apply(api::IpamBlock object) {
  const auto cidr = object.cidr;
  if (!seen(Kind::IpamBlocks, object.meta.name, object.meta)) return;
  keep_newest(state_.blocks, cidr, slim(std::move(object)));
}

void SnapshotBuilder::apply(api::BlockAffinity object) {
  const auto name = object.meta.name;
  if (!seen(Kind::BlockAffinities, name, object.meta)) return;
  keep_newest(state_.affinities, name, slim(std::move(object)));
}

void SnapshotBuilder::apply(api::IpamHandle object) {
  if (!is_ours(object.handle_id)) return;
  const auto id = object.handle_id;
  if (!seen(Kind::IpamHandles, object.meta.name, object.meta)) return;
  keep_newest(state_.handles, id, slim(std::move(object)));
}

void SnapshotBuilder::apply(api::ClusterInformation object) {
  if (!is_default(object.meta)) return;
  if (!seen(Kind::ClusterInformations, object.meta.name, object.meta)) return;
  keep_newest(state_.cluster_information, std::move(object));
}

void SnapshotBuilder::apply(api::ConfigMap object) {
  const auto key = api::key_of(object.meta);
  keep_newest(state_.config_maps, key, std::move(object));
}

void SnapshotBuilder::apply_agent(api::Pod pod) {
  if (!seen(Kind::AgentPods, pod.meta.name, pod.meta)) return;
  const auto node = state_.nodes.find(pod.node_name);
  const auto name = pod.meta.name;
  if (node == state_.nodes.end()) return keep_newest(strays_, name, std::move(pod));
  keep_newest(node->second.agents, name, std::move(pod));
}

void SnapshotBuilder::remove(Kind kind, const api::ObjectMeta& meta) {
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
  state_.nodes.erase(node);
}

void SnapshotBuilder::remove_config_map(const api::ObjectKey& key, const std::string& version) {
  const auto found = state_.config_maps.find(key);
  if (found != state_.config_maps.end() &&
      api::at_least_as_new(version, found->second.meta.resource_version))
    state_.config_maps.erase(found);
}

void SnapshotBuilder::list_begins(Kind kind) { listing_[kind].clear(); }

void SnapshotBuilder::list_ends(Kind kind, const std::string& version) {
  const auto list = listing_.find(kind);
  if (list == listing_.end()) return;
  const std::set<std::string> names = std::move(list->second);
  listing_.erase(list);
  const Listed listed{names, version};
  switch (kind) {
    case Kind::FlannelMigrations:
      std::erase_if(state_.migrations,
                    [&](const auto& m) { return listed.is_gone(m.meta.name, m.meta); });
      return;
    case Kind::Nodes:
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

void SnapshotBuilder::set_served(Kind kind, bool served) {
  const std::string name(resource_of(kind).plural);
  if (served) {
    state_.not_served.erase(name);
    return;
  }
  state_.not_served.insert(name);
  list_begins(kind);
  list_ends(kind);
}

void SnapshotBuilder::set_forbidden(const std::string& what, const std::string& why) {
  if (why.empty()) {
    forbidden_.erase(what);
  } else {
    forbidden_[what] = why;
  }
  refresh_permissions();
}

void SnapshotBuilder::set_missing_permissions(std::vector<std::string> missing) {
  denied_ = std::move(missing);
  refresh_permissions();
}

void SnapshotBuilder::refresh_permissions() {
  state_.missing_permissions = denied_;
  for (const auto& [what, why] : forbidden_) state_.missing_permissions.push_back(what);
}

void SnapshotBuilder::set_pods(const std::string& node,
                               std::optional<std::map<std::string, api::Pod>> pods) {
  const auto found = state_.nodes.find(node);
  if (found != state_.nodes.end()) found->second.pods = std::move(pods);
}

void SnapshotBuilder::apply_pod(const api::Pod& pod) {
  const auto found = state_.nodes.find(pod.node_name);
  if (found == state_.nodes.end() || !found->second.pods) return;
  keep_newest(*found->second.pods, pod.meta.uid, pod);
}

void SnapshotBuilder::remove_pod(const std::string& node, const std::string& uid) {
  state_.removals.erase(uid);
  const auto found = state_.nodes.find(node);
  if (found != state_.nodes.end() && found->second.pods) found->second.pods->erase(uid);
}

void SnapshotBuilder::forget_agents(const std::string& node) {
  for (auto& [name, state] : state_.nodes) {
    if (node.empty() || name == node) state.agents.clear();
  }
}

void SnapshotBuilder::set_pending(const std::string& node, std::optional<api::NodePatch> patch) {
  const auto found = state_.nodes.find(node);
  if (found != state_.nodes.end()) found->second.pending = std::move(patch);
}

void SnapshotBuilder::set_error(const std::string& key, const std::string& message) {
  if (message.empty()) {
    state_.errors.erase(key);
  } else {
    state_.errors[key] = message;
  }
}

void SnapshotBuilder::set_removal(const std::string& uid, migration::RemovalAttempt attempt) {
  state_.removals[uid] = std::move(attempt);
}

}  // namespace controller
