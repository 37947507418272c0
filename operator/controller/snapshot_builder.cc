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

template <typename Map>
void erase_unseen(Map& map, const std::set<std::string>& seen) {
  std::erase_if(map, [&](const auto& entry) { return !seen.contains(entry.second.meta.name); });
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

void SnapshotBuilder::seen(Kind kind, const std::string& name) {
  const auto list = listing_.find(kind);
  if (list != listing_.end()) list->second.insert(name);
}

void SnapshotBuilder::apply(api::FlannelMigration object) {
  seen(Kind::FlannelMigrations, object.meta.name);
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
  seen(Kind::Nodes, object.meta.name);
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
  seen(Kind::DaemonSets, key.to_string());
  keep_newest(state_.daemon_sets, key, std::move(object));
}

void SnapshotBuilder::apply(api::IpPool object) {
  const auto name = object.meta.name;
  seen(Kind::IpPools, name);
  keep_newest(state_.pools, name, std::move(object));
}

void SnapshotBuilder::apply(api::FelixConfiguration object) {
  if (!is_default(object.meta)) return;
  seen(Kind::FelixConfigurations, object.meta.name);
  keep_newest(state_.felix, std::move(object));
}

void SnapshotBuilder::apply(api::IpamConfig object) {
  if (!is_default(object.meta)) return;
  seen(Kind::IpamConfigs, object.meta.name);
  keep_newest(state_.ipam_config, std::move(object));
}

void SnapshotBuilder::apply(api::IpamBlock object) {
  const auto cidr = object.cidr;
  seen(Kind::IpamBlocks, object.meta.name);
  keep_newest(state_.blocks, cidr, std::move(object));
}

void SnapshotBuilder::apply(api::BlockAffinity object) {
  const auto name = object.meta.name;
  seen(Kind::BlockAffinities, name);
  keep_newest(state_.affinities, name, std::move(object));
}

void SnapshotBuilder::apply(api::IpamHandle object) {
  if (!is_ours(object.handle_id)) return;
  const auto id = object.handle_id;
  seen(Kind::IpamHandles, object.meta.name);
  keep_newest(state_.handles, id, std::move(object));
}

void SnapshotBuilder::apply(api::ClusterInformation object) {
  if (!is_default(object.meta)) return;
  seen(Kind::ClusterInformations, object.meta.name);
  keep_newest(state_.cluster_information, std::move(object));
}

void SnapshotBuilder::apply(api::ConfigMap object) {
  const auto key = api::key_of(object.meta);
  keep_newest(state_.config_maps, key, std::move(object));
}

void SnapshotBuilder::apply_agent(api::Pod pod) {
  seen(Kind::AgentPods, pod.meta.name);
  const auto node = state_.nodes.find(pod.node_name);
  const auto name = pod.meta.name;
  if (node == state_.nodes.end()) return keep_newest(strays_, name, std::move(pod));
  keep_newest(node->second.agents, name, std::move(pod));
}

void SnapshotBuilder::remove(Kind kind, const api::ObjectMeta& meta) {
  switch (kind) {
    case Kind::FlannelMigrations:
      std::erase_if(state_.migrations, [&](const auto& m) { return m.meta.name == meta.name; });
      return;
    case Kind::Nodes:
      state_.nodes.erase(meta.name);
      return;
    case Kind::DaemonSets:
      state_.daemon_sets.erase(api::key_of(meta));
      return;
    case Kind::IpPools:
      state_.pools.erase(meta.name);
      return;
    case Kind::FelixConfigurations:
      if (is_default(meta)) state_.felix.reset();
      return;
    case Kind::IpamConfigs:
      if (is_default(meta)) state_.ipam_config.reset();
      return;
    case Kind::IpamBlocks:
      std::erase_if(state_.blocks,
                    [&](const auto& entry) { return entry.second.meta.name == meta.name; });
      return;
    case Kind::BlockAffinities:
      state_.affinities.erase(meta.name);
      return;
    case Kind::IpamHandles:
      std::erase_if(state_.handles,
                    [&](const auto& entry) { return entry.second.meta.name == meta.name; });
      return;
    case Kind::ClusterInformations:
      if (is_default(meta)) state_.cluster_information.reset();
      return;
    case Kind::AgentPods:
      strays_.erase(meta.name);
      for (auto& [name, node] : state_.nodes) node.agents.erase(meta.name);
      return;
  }
}

void SnapshotBuilder::remove_config_map(const api::ObjectKey& key) {
  state_.config_maps.erase(key);
}

void SnapshotBuilder::list_begins(Kind kind) { listing_[kind].clear(); }

void SnapshotBuilder::list_ends(Kind kind) {
  const auto list = listing_.find(kind);
  if (list == listing_.end()) return;
  const std::set<std::string> seen = std::move(list->second);
  listing_.erase(list);
  switch (kind) {
    case Kind::FlannelMigrations:
      std::erase_if(state_.migrations, [&](const auto& m) { return !seen.contains(m.meta.name); });
      return;
    case Kind::Nodes:
      std::erase_if(state_.nodes, [&](const auto& entry) { return !seen.contains(entry.first); });
      return;
    case Kind::DaemonSets:
      std::erase_if(state_.daemon_sets,
                    [&](const auto& entry) { return !seen.contains(entry.first.to_string()); });
      return;
    case Kind::IpPools:
      erase_unseen(state_.pools, seen);
      return;
    case Kind::FelixConfigurations:
      if (seen.empty()) state_.felix.reset();
      return;
    case Kind::IpamConfigs:
      if (seen.empty()) state_.ipam_config.reset();
      return;
    case Kind::IpamBlocks:
      erase_unseen(state_.blocks, seen);
      return;
    case Kind::BlockAffinities:
      erase_unseen(state_.affinities, seen);
      return;
    case Kind::IpamHandles:
      erase_unseen(state_.handles, seen);
      return;
    case Kind::ClusterInformations:
      if (seen.empty()) state_.cluster_information.reset();
      return;
    case Kind::AgentPods:
      erase_unseen(strays_, seen);
      for (auto& [name, node] : state_.nodes) erase_unseen(node.agents, seen);
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
