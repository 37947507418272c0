#include "controller/cluster/watched_objects.h"

#include "api/names.h"
#include "migration/facts/flannel_choice.h"
#include "migration/facts/saved_originals.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace controller {
namespace {

// Limits of what is watched: only the oldest FlannelMigration is active, and more than one
// installation of flannel stops at the preflight.
constexpr std::size_t kMostMigrations = 8;
constexpr std::size_t kMostFlannelMaps = 16;
constexpr std::size_t kMostMapsOfOne = 8;

api::ObjectKey calico_config(const api::MigrationSpec& spec) {
  return {spec.calico.daemon_set.ns, std::string(api::kCalicoConfigMap)};
}

// Returns nullopt also if the originals cannot be read.
std::optional<migration::Originals> originals_of(const migration::ClusterState& state) {
  return migration::read_originals(state).value_or(std::nullopt);
}

using Flannels = std::vector<flannel::Candidate>;

Flannels running_flannels(const migration::ClusterState& state,
                          const std::optional<migration::Originals>& originals) {
  return migration::find_flannels(state, migration::named_flannels(state, originals));
}

// Returns the named installation, or the only one. With several it is not known which one is meant,
// and the preflight stops.
std::set<api::ObjectKey> flannel_sets(const migration::ClusterState& state, const Flannels& found) {
  std::set<api::ObjectKey> keys;
  const auto named = std::find_if(found.begin(), found.end(), [&](const auto& one) {
    return migration::is_named(state, one.key);
  });
  const auto& meant = named == found.end() ? found.begin() : named;
  for (const auto& candidate : found) {
    if (flannel::same_installation(*meant, candidate)) {
      keys.insert(candidate.key);
    } else if (named == found.end()) {
      return {};
    }
  }
  return keys;
}

// Returns flannel as it runs, or as it ran until the end of a migration deleted it: a revert needs
// its configuration.
Flannels flannels(const migration::ClusterState& state) {
  const auto originals = originals_of(state);
  auto found = running_flannels(state, originals);
  if (!originals) return found;
  if (auto saved = migration::saved_flannel(*originals, state)) found.push_back(std::move(*saved));
  return found;
}

// Adds all ConfigMaps that the DaemonSets name: any of them may have flannel's configuration or its
// options.
void add_flannels(const migration::ClusterState& state, std::set<api::ObjectKey>& keys) {
  std::size_t left = kMostFlannelMaps;
  for (const auto& flannel : flannels(state)) {
    std::size_t of_this = kMostMapsOfOne;
    auto names = flannel.config_maps;
    names.insert(names.begin(), flannel.config_map);
    for (const auto& name : names) {
      if (left == 0 || of_this == 0) break;
      if (name.empty() || !keys.insert({flannel.key.ns, name}).second) continue;
      --left;
      --of_this;
    }
  }
}

std::vector<const api::FlannelMigration*> oldest_migrations(const migration::ClusterState& state) {
  std::vector<const api::FlannelMigration*> found;
  for (const auto& migration : state.migrations) found.push_back(&migration);
  std::sort(found.begin(), found.end(), [](const auto* a, const auto* b) {
    return std::tie(a->meta.created, a->meta.name) < std::tie(b->meta.created, b->meta.name);
  });
  if (found.size() > kMostMigrations) found.resize(kMostMigrations);
  return found;
}

// Adds the rights that the accounts of Canal's and Calico's DaemonSets need, for the sets that the
// migration is about.
void add_accounts(const migration::ClusterState& state, const Flannels& found, AccessScope& scope) {
  const auto add = [&scope](std::vector<calico::AccountNeed> needs) {
    scope.accounts.insert(needs.begin(), needs.end());
  };
  for (const auto& candidate : found) {
    if (candidate.flavour == flannel::Flavour::Canal && scope.flannel.contains(candidate.key))
      add(calico::needs_of_canal(state.daemon_sets.at(candidate.key)));
  }
  for (const auto& key : scope.calico_node) {
    const auto set = state.daemon_sets.find(key);
    if (set != state.daemon_sets.end()) add(calico::needs_of_calico(set->second));
  }
}

}  // namespace

std::set<api::ObjectKey> config_maps_of(const migration::ClusterState& state) {
  std::set<api::ObjectKey> keys = {migration::originals_key(state.self),
                                   {state.self.ns, std::string(api::kPlanConfigMap)}};
  keys.merge(migration::parts_of_originals(state));
  for (const auto* migration : oldest_migrations(state)) {
    if (migration->spec) keys.insert(calico_config(*migration->spec));
  }
  add_flannels(state, keys);
  return keys;
}

AccessScope access_scope_of(const migration::ClusterState& state) {
  AccessScope scope{
      .own_namespace = state.self.ns, .flannel = {}, .calico_node = {}, .calico_config = {}};
  for (const auto& migration : state.migrations) {
    if (!migration.spec) continue;
    scope.calico_node.insert(migration.spec->calico.daemon_set);
    scope.calico_config.insert(calico_config(*migration.spec));
  }
  const auto found = running_flannels(state, originals_of(state));
  scope.flannel = flannel_sets(state, found);
  add_accounts(state, found, scope);
  return scope;
}

}  // namespace controller
