#include "migration/facts/flannel_choice.h"

#include "api/names.h"

#include <algorithm>

namespace migration {
namespace {

using flannel::Candidate;

const Candidate* find_key(const std::vector<Candidate>& candidates, const api::ObjectKey& key) {
  const auto found = std::find_if(candidates.begin(), candidates.end(),
                                  [&key](const auto& one) { return one.key == key; });
  return found == candidates.end() ? nullptr : &*found;
}

// Finds the installation that the migration began with; a flannel that comes later is another one.
const Candidate* begun_with(const ClusterState& cluster, const std::vector<Candidate>& candidates,
                            const Originals& originals) {
  for (const auto& candidate : candidates) {
    if (originals.flannel_sets.contains(candidate.key)) return &candidate;
  }
  const auto saved = saved_flannel(originals, cluster);
  const auto found = std::find_if(candidates.begin(), candidates.end(), [&saved](const auto& one) {
    return !saved || flannel::same_installation(*saved, one);
  });
  return found == candidates.end() ? nullptr : &*found;
}

const Candidate* meant(const ClusterState& cluster, const std::vector<Candidate>& candidates,
                       const std::optional<api::ObjectKey>& named,
                       const std::optional<Originals>& originals) {
  if (named) {
    const auto* found = find_key(candidates, *named);
    // The named set of several may be the first that is deleted at the end: then the others still
    // stand for it.
    if (found != nullptr || !originals || !originals->flannel_sets.contains(*named)) return found;
  }
  if (originals && !originals->flannel_sets.empty())
    return begun_with(cluster, candidates, *originals);
  const Candidate* idle = nullptr;
  for (const auto& candidate : candidates) {
    if (!flannel::is_for_linux(candidate)) continue;
    if (wants_some_node(cluster, cluster.daemon_sets.at(candidate.key))) return &candidate;
    if (idle == nullptr) idle = &candidate;
  }
  return idle;
}

api::DaemonSet selectors_of(const api::DaemonSet& set) {
  api::DaemonSet kept;
  kept.node_selector = set.node_selector;
  kept.node_selector.erase(std::string(api::kNetworkLabel));
  kept.node_affinity = set.node_affinity;
  return kept;
}

}  // namespace

flannel::FindConfigMap config_maps_in(const ClusterState& cluster, const std::string& ns) {
  return [&cluster, ns](const std::string& name) {
    const auto found = cluster.config_maps.find({ns, name});
    return found == cluster.config_maps.end() ? nullptr : &found->second.data;
  };
}

std::vector<Candidate> find_flannels(const ClusterState& cluster,
                                     const std::set<api::ObjectKey>& named) {
  std::vector<Candidate> found;
  for (const auto& [key, set] : cluster.daemon_sets) {
    const auto maps = config_maps_in(cluster, key.ns);
    if (named.contains(key)) {
      found.push_back(flannel::take(set, maps));
    } else if (auto candidate = flannel::recognise(set, maps)) {
      found.push_back(std::move(*candidate));
    }
  }
  return found;
}

bool is_named(const ClusterState& cluster, const api::ObjectKey& set) {
  return std::any_of(cluster.migrations.begin(), cluster.migrations.end(),
                     [&set](const auto& migration) {
                       return migration.spec && migration.spec->flannel.daemon_set == set;
                     });
}

std::set<api::ObjectKey> saved_flannels(const std::optional<Originals>& originals) {
  std::set<api::ObjectKey> saved;
  if (!originals) return saved;
  for (const auto& [key, text] : originals->flannel_sets) saved.insert(key);
  return saved;
}

std::set<api::ObjectKey> named_flannels(const ClusterState& cluster,
                                        const std::optional<Originals>& originals) {
  auto named = saved_flannels(originals);
  for (const auto& migration : cluster.migrations) {
    if (migration.spec && migration.spec->flannel.daemon_set)
      named.insert(*migration.spec->flannel.daemon_set);
  }
  return named;
}

std::vector<Candidate> choose_flannels(const ClusterState& cluster,
                                       const std::vector<Candidate>& candidates,
                                       const std::optional<api::ObjectKey>& named,
                                       const std::optional<Originals>& originals) {
  std::vector<Candidate> chosen;
  const auto* first = meant(cluster, candidates, named, originals);
  if (first == nullptr) return chosen;
  std::copy_if(candidates.begin(), candidates.end(), std::back_inserter(chosen),
               [first](const auto& one) { return flannel::same_installation(*first, one); });
  return chosen;
}

FlannelReach::FlannelReach(const std::vector<const api::DaemonSet*>& sets,
                           const std::optional<Originals>& originals) {
  for (const auto* set : sets) sets_.push_back(selectors_of(*set));
  if (!originals) return;
  for (const auto& [key, text] : originals->flannel_sets) {
    const auto document = json::Document::parse(text);
    if (document) sets_.push_back(selectors_of(api::parse_daemon_set(document->root())));
  }
}

// Every node is wanted while no flannel is known.
bool FlannelReach::wants(const api::Node& node) const {
  return sets_.empty() || std::any_of(sets_.begin(), sets_.end(),
                                      [&node](const auto& set) { return set.wants(node); });
}

bool wants_some_node(const ClusterState& cluster, const api::DaemonSet& set) {
  return std::any_of(cluster.nodes.begin(), cluster.nodes.end(),
                     [&set](const auto& entry) { return set.wants(entry.second.node); });
}

bool would_want(const api::DaemonSet& set, const api::Node& node) {
  return selectors_of(set).wants(node);
}

}  // namespace migration
