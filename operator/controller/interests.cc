#include "controller/interests.h"

#include "api/names.h"
#include "flannel/install.h"

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

}  // namespace

std::set<api::ObjectKey> config_maps_of(const migration::ClusterState& state) {
  std::set<api::ObjectKey> keys = {{state.self.ns, std::string(api::kOriginalsConfigMap)},
                                   {state.self.ns, std::string(api::kPlanConfigMap)}};
  for (const auto& migration : state.migrations) {
    if (migration.spec) keys.insert(calico_config(*migration.spec));
  }
  for (const auto& [key, set] : state.daemon_sets) {
    const auto flannel = flannel::recognise(set);
    if (flannel && !flannel->config_map.empty()) keys.insert({key.ns, flannel->config_map});
  }
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
