#include "controller/interests.h"

#include "api/names.h"
#include "flannel/install.h"
#include "migration/originals.h"

namespace controller {
namespace {

api::ObjectKey calico_config(const api::MigrationSpec& spec) {
  return {spec.calico.daemon_set.ns, std::string(api::kCalicoConfigMap)};
}

// Of several installations it is not known which one is meant, and preflight stops at that.
std::set<api::ObjectKey> flannel_sets(const migration::ClusterState& state) {
  std::vector<flannel::Candidate> found;
  for (const auto& [key, set] : state.daemon_sets) {
    auto candidate = flannel::recognise(set);
    if (!candidate) continue;
    if (!found.empty() && !flannel::same_installation(found.front(), *candidate)) return {};
    found.push_back(std::move(*candidate));
  }
  std::set<api::ObjectKey> keys;
  for (const auto& candidate : found) keys.insert(candidate.key);
  return keys;
}

std::optional<api::ObjectKey> net_conf_of(const api::DaemonSet& set) {
  const auto flannel = flannel::recognise(set);
  if (!flannel || flannel->config_map.empty()) return std::nullopt;
  return api::ObjectKey{set.meta.ns, flannel->config_map};
}

// Of flannel's DaemonSets that were deleted at the end of a migration: a revert needs it.
std::set<api::ObjectKey> saved_net_confs(const migration::ClusterState& state) {
  const auto map = state.config_maps.find({state.self.ns, std::string(api::kOriginalsConfigMap)});
  if (map == state.config_maps.end()) return {};
  const auto originals = migration::parse_originals(map->second);
  if (!originals) return {};
  std::set<api::ObjectKey> keys;
  for (const auto& [key, text] : originals->flannel_sets) {
    const auto set = json::Document::parse(text);
    if (!set) continue;
    if (const auto found = net_conf_of(api::parse_daemon_set(set->root()))) keys.insert(*found);
  }
  return keys;
}

}  // namespace

std::set<api::ObjectKey> config_maps_of(const migration::ClusterState& state) {
  std::set<api::ObjectKey> keys = {{state.self.ns, std::string(api::kOriginalsConfigMap)},
                                   {state.self.ns, std::string(api::kPlanConfigMap)}};
  for (const auto& migration : state.migrations) {
    if (migration.spec) keys.insert(calico_config(*migration.spec));
  }
  bool there = false;
  for (const auto& [key, set] : state.daemon_sets) {
    const auto found = net_conf_of(set);
    if (found) keys.insert(*found);
    there = there || found;
  }
  if (!there) keys.merge(saved_net_confs(state));
  return keys;
}

AccessScope access_scope_of(const migration::ClusterState& state) {
  AccessScope scope{state.self.ns, {}, {}, {}};
  for (const auto& migration : state.migrations) {
    if (!migration.spec) continue;
    scope.calico_node.insert(migration.spec->calico.daemon_set);
    scope.calico_config.insert(calico_config(*migration.spec));
  }
  scope.flannel = flannel_sets(state);
  return scope;
}

}  // namespace controller
