#include "migration/facts/unseen.h"

#include "api/names.h"
#include "migration/facts/saved_originals.h"

#include <algorithm>
#include <set>

namespace migration {
namespace {

bool is_config_map(std::string_view kind) { return kind.starts_with("configmap "); }

// True towards Calico, once flannel's DaemonSet is deleted: its namespace may go as well, and with
// it the right to read its objects.
bool flannel_config_is_over(const Survey& survey) {
  return survey.begun() && survey.flannel_sets.empty() && survey.spec.target == api::Target::Calico;
}

// Flannel's configuration need not be read if the spec gives all of it.
bool needs_flannel_config(const Survey& survey) {
  return survey.install && !survey.install->config_map.empty() && !flannel_config_is_over(survey) &&
         !survey.configuration_is_given();
}

// Each of these may turn out to have flannel's configuration, or its options.
std::set<std::string> awaited_config_maps(const Survey& survey) {
  std::set<std::string> names;
  if (!survey.install || flannel_config_is_over(survey)) return names;
  for (const auto& name : survey.install->config_maps)
    names.insert(unseen_config_map({survey.install->key.ns, name}));
  return names;
}

std::set<std::string> needed_config_maps(const Survey& survey) {
  std::set<std::string> names = {
      unseen_originals(survey.cluster),
      unseen_config_map({survey.spec.calico.daemon_set.ns, std::string(api::kCalicoConfigMap)})};
  for (const auto& part : parts_of_originals(survey.cluster)) names.insert(unseen_config_map(part));
  if (needs_flannel_config(survey))
    names.insert(unseen_config_map({survey.install->key.ns, survey.install->config_map}));
  return names;
}

}  // namespace

std::string unseen_originals(const ClusterState& cluster) {
  return unseen_config_map(originals_key(cluster.self));
}

std::map<std::string, Unseen> needed_but_unseen(const Survey& survey) {
  auto unseen = survey.cluster.unseen;
  const auto needed = needed_config_maps(survey);
  const auto awaited = awaited_config_maps(survey);
  // Other ConfigMaps are watched for another FlannelMigration, or were needed a while ago.
  std::erase_if(unseen, [&](const auto& entry) {
    const auto& [name, why] = entry;
    const bool waits = why == Unseen::NotListed && awaited.contains(name);
    return is_config_map(name) && !needed.contains(name) && !waits;
  });
  return unseen;
}

bool waits_for_lists(const Survey& survey) {
  const auto unseen = needed_but_unseen(survey);
  return std::any_of(unseen.begin(), unseen.end(),
                     [](const auto& entry) { return entry.second == Unseen::NotListed; });
}

}  // namespace migration
