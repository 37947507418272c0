#include "migration/preflight/checks.h"

#include <algorithm>

namespace migration::checks {
namespace {

// True if the node's older pods are still to be replaced.
bool will_be_refreshed(const Survey& survey, const NodeView& node) {
  return node.selected && (node.network != network_of(survey.spec.target) || node.in_flight());
}

std::vector<std::string> pods_of(const Survey& survey, bool mirror) {
  std::vector<std::string> names;
  if (!survey.cluster.lone_pods) return names;
  for (const auto& [name, pods] : *survey.cluster.lone_pods) {
    const auto* node = survey.find(name);
    if (node == nullptr || !will_be_refreshed(survey, *node)) continue;
    for (const auto& [uid, pod] : pods) {
      if (pod.mirror == mirror) names.push_back(pod.key.to_string());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace

void lone_pods(const Survey& survey, Findings& findings) {
  const auto names = pods_of(survey, false);
  if (names.empty()) return;
  const bool keep = survey.spec.drain.unmanaged_pods == api::UnmanagedPods::Keep;
  findings.push_back(
      {"UnmanagedPods", api::Severity::Warn, "pods without a controller: " + name_some(names),
       "a controller that makes each pod again",
       keep ? "They stay, as spec.drain.unmanagedPods is Keep, and each holds up the end of its "
              "node's move until you delete it"
            : "They are evicted when their node moves, and are gone for good. Save what you "
              "need of them, or set spec.drain.unmanagedPods to Keep and delete them yourself"});
}

void static_pods(const Survey& survey, Findings& findings) {
  const auto names = pods_of(survey, true);
  if (names.empty()) return;
  findings.push_back(
      {"StaticPods", api::Severity::Warn, "static pods on the pod network: " + name_some(names),
       "static pods on the host's network only",
       "Nobody but their node can restart them: once it has moved, move each manifest away and "
       "back there; until then they hold up the end of the node's move"});
}

}  // namespace migration::checks
