#include "migration/model/cluster_state.h"

namespace migration {

std::string unseen_config_map(const api::ObjectKey& key) { return "configmap " + key.to_string(); }

std::vector<std::string> unseen_kinds(const ClusterState& cluster, Unseen why) {
  std::vector<std::string> kinds;
  for (const auto& [kind, reason] : cluster.unseen) {
    if (reason == why) kinds.push_back(kind);
  }
  return kinds;
}

bool nodes_known_since(const ClusterState& cluster, const api::ObjectStamp& object) {
  return api::at_least_as_new(cluster.nodes_version, object.resource_version);
}

const api::FlannelMigration* find_migration(const ClusterState& cluster, std::string_view name) {
  for (const auto& migration : cluster.migrations) {
    if (migration.meta.name == name) return &migration;
  }
  return nullptr;
}

std::vector<const api::Pod*> network_pods(const NodeState& node) {
  std::vector<const api::Pod*> found;
  if (!node.pods) return found;
  for (const auto& [uid, pod] : *node.pods) {
    if (pod.on_pod_network()) found.push_back(&pod);
  }
  return found;
}

const api::Pod* daemon_pod(const NodeState& node, const api::DaemonSet& set) {
  if (!node.pods) return nullptr;
  const api::Pod* found = nullptr;
  for (const auto& [uid, pod] : *node.pods) {
    const auto* owner = pod.meta.controller();
    if (owner == nullptr || owner->kind != "DaemonSet" || owner->uid != set.meta.uid) continue;
    // While a pod is replaced there are two: the new one counts.
    if (found == nullptr || found->meta.deleting) found = &pod;
  }
  return found;
}

std::optional<DaemonPod> daemon_pod(const api::Pod& pod) {
  const auto* owner = pod.meta.controller();
  const bool of_set = owner != nullptr && owner->kind == "DaemonSet";
  if (!of_set || !pod.host_network || pod.node_name.empty() || pod.finished()) return std::nullopt;
  return DaemonPod{
      pod.meta.name, {pod.meta.ns, owner->name}, owner->uid, pod.ready && !pod.meta.deleting};
}

std::optional<LonePod> lone_pod(const api::Pod& pod) {
  if (pod.node_name.empty() || !pod.on_pod_network() || pod.meta.deleting) return std::nullopt;
  if (!pod.mirror && pod.meta.controller() != nullptr) return std::nullopt;
  return LonePod{api::key_of(pod.meta), pod.mirror};
}

}  // namespace migration
