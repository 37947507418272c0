#include "controller/snapshot/snapshot_builder.h"

#include "flannel/install.h"
#include "migration/facts/flannel_choice.h"
#include "migration/ipam/node_blocks.h"
#include "migration/model/action.h"

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

bool is_of_node(const api::ObjectMeta& meta) { return meta.name.starts_with("node."); }

// Handles of pods are left out: they are as many as pods and are not needed.
bool is_ours(const std::string& handle_id) {
  return handle_id.starts_with("vxlan-tunnel-addr-") ||
         handle_id.starts_with("vxlan-v6-tunnel-addr-") ||
         handle_id.starts_with("flannel-migration-");
}

// True also for a pod whose node is not known yet.
bool may_be_far(const migration::ClusterState& state, const PodSummary& pod) {
  const auto found = state.nodes.find(pod.node);
  return found == state.nodes.end() || found->second.node.pod_cidrs.empty() ||
         migration::is_far(found->second.node, *pod.ipv6);
}

// Most DaemonSets are not flannel's, and their pods are many.
bool may_be_flannels(const migration::ClusterState& state, const migration::DaemonPod& pod) {
  const auto set = state.daemon_sets.find(pod.set);
  return set == state.daemon_sets.end() || set->second.meta.uid != pod.set_uid ||
         flannel::recognise(set->second) || flannel::may_run_flannel(set->second) ||
         migration::is_named(state, pod.set);
}

template <typename Pods>
void forget(std::optional<Pods>& kept, const PodSummary& pod) {
  if (!kept) return;
  const auto found = kept->find(pod.node);
  if (found != kept->end()) found->second.erase(pod.uid);
}

}  // namespace

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
  if (!is_default(object.meta) && !is_of_node(object.meta)) return;
  if (!seen(Kind::FelixConfigurations, object.meta.name, object.meta)) return;
  if (is_default(object.meta)) return keep_newest(state_.felix, std::move(object));
  const auto name = object.meta.name;
  keep_newest(state_.node_felix, name, std::move(object));
}

void SnapshotBuilder::apply(api::IpamConfig object) {
  if (!is_default(object.meta)) return;
  if (!seen(Kind::IpamConfigs, object.meta.name, object.meta)) return;
  keep_newest(state_.ipam_config, std::move(object));
}

void SnapshotBuilder::apply(api::IpamBlock object) {
  const auto cidr = object.cidr;
  if (!seen(Kind::IpamBlocks, object.meta.name, object.meta)) return;
  keep_newest(state_.blocks, cidr, std::move(object));
}

void SnapshotBuilder::apply(api::BlockAffinity object) {
  const auto name = object.meta.name;
  if (!seen(Kind::BlockAffinities, name, object.meta)) return;
  keep_newest(state_.affinities, name, std::move(object));
}

void SnapshotBuilder::apply(api::IpamHandle object) {
  if (!is_ours(object.handle_id)) return;
  const auto id = object.handle_id;
  if (!seen(Kind::IpamHandles, object.meta.name, object.meta)) return;
  keep_newest(state_.handles, id, std::move(object));
}

void SnapshotBuilder::apply(api::ClusterInformation object) {
  if (!is_default(object.meta)) return;
  if (!seen(Kind::ClusterInformations, object.meta.name, object.meta)) return;
  keep_newest(state_.cluster_information, std::move(object));
}

void SnapshotBuilder::apply(api::ConfigMap object) {
  const auto key = api::key_of(object.meta);
  ++interests_;
  keep_newest(state_.config_maps, key, std::move(object));
}

void SnapshotBuilder::apply_agent(api::Pod pod) {
  if (!seen(Kind::AgentPods, pod.meta.name, pod.meta)) return;
  const auto node = state_.nodes.find(pod.node_name);
  const auto name = pod.meta.name;
  if (node == state_.nodes.end()) return keep_newest(strays_, name, std::move(pod));
  keep_newest(node->second.agents, name, std::move(pod));
}

void SnapshotBuilder::set_unseen(const std::string& what, migration::Unseen why) {
  state_.unseen[what] = why;
}

void SnapshotBuilder::set_unseen(Kind kind, migration::Unseen why) {
  set_unseen(name_of(kind), why);
  if (why != migration::Unseen::NotServed) return;
  list_begins(kind);
  list_ends(kind);
}

// Bookmarks during a list are left out: the list counts as a whole or not at all.
void SnapshotBuilder::watch_progressed(Kind kind, const std::string& version) {
  if (kind == Kind::Nodes && !listing_.contains(kind)) state_.nodes_version = version;
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

void SnapshotBuilder::set_all_pods(bool known) {
  state_.far_pods.reset();
  state_.lone_pods.reset();
  state_.flannel_pods.reset();
  if (!known) return;
  state_.far_pods.emplace();
  state_.lone_pods.emplace();
  state_.flannel_pods.emplace();
}

void SnapshotBuilder::apply(const PodSummary& pod) {
  if (pod.ipv6 && state_.far_pods && may_be_far(state_, pod))
    (*state_.far_pods)[pod.node][pod.uid] = *pod.ipv6;
  if (!pod.lone) {
    forget(state_.lone_pods, pod);
  } else if (state_.lone_pods) {
    (*state_.lone_pods)[pod.node][pod.uid] = *pod.lone;
  }
  if (!pod.daemon || !may_be_flannels(state_, *pod.daemon)) {
    forget(state_.flannel_pods, pod);
  } else if (state_.flannel_pods) {
    (*state_.flannel_pods)[pod.node][pod.uid] = *pod.daemon;
  }
}

void SnapshotBuilder::remove_facts(const PodSummary& pod) {
  forget(state_.far_pods, pod);
  forget(state_.lone_pods, pod);
  forget(state_.flannel_pods, pod);
}

void SnapshotBuilder::agents_deleted(const std::string& node) {
  for (auto& [name, state] : state_.nodes) {
    if (!node.empty() && name != node) continue;
    std::erase_if(state.agents, [](const auto& entry) { return entry.second.finished(); });
    // The watch reports the time; here it matters only that they have been asked to end.
    for (auto& [agent, pod] : state.agents) pod.meta.deleting.emplace();
  }
}

void SnapshotBuilder::set_pending(const std::string& node, std::optional<api::NodePatch> patch) {
  const auto found = state_.nodes.find(node);
  if (found != state_.nodes.end()) found->second.pending = std::move(patch);
}

void SnapshotBuilder::set_error(const std::string& key, const std::string& message) {
  // An error of a node that is gone is not kept, as no later success would clear it.
  const auto prefix = migration::node_key({});
  const bool gone = key.starts_with(prefix) && !state_.nodes.contains(key.substr(prefix.size()));
  if (message.empty() || gone) {
    state_.errors.erase(key);
  } else {
    state_.errors[key] = message;
  }
}

void SnapshotBuilder::set_removal(const std::string& uid, migration::RemovalAttempt attempt) {
  const auto [known, added] = state_.removals.try_emplace(uid, attempt);
  if (added) return;
  attempt.first = known->second.first;
  known->second = std::move(attempt);
}

}  // namespace controller
