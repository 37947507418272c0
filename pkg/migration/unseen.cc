#include "migration/unseen.h"

#include <algorithm>

namespace migration {
namespace {

// Towards Calico, once flannel's DaemonSet is deleted: its namespace may go as well, with the right
// to read what was in it.
bool flannel_config_is_over(const Survey& survey) {
  return survey.begun() && survey.flannel_sets.empty() && survey.spec.target == api::Target::Calico;
}

}  // namespace

std::map<std::string, Unseen> needed_but_unseen(const Survey& survey) {
  auto unseen = survey.cluster.unseen;
  if (survey.install && flannel_config_is_over(survey))
    unseen.erase(unseen_config_map({survey.install->key.ns, survey.install->config_map}));
  return unseen;
}

bool waits_for_lists(const Survey& survey) {
  const auto unseen = needed_but_unseen(survey);
  return std::any_of(unseen.begin(), unseen.end(),
                     [](const auto& entry) { return entry.second == Unseen::NotListed; });
}

}  // namespace migration
