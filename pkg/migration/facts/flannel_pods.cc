#include "migration/facts/flannel_pods.h"

#include "base/plural.h"
#include "migration/model/name_some.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace migration {
namespace {

std::set<std::string> uids_of(const std::vector<const api::DaemonSet*>& sets) {
  std::set<std::string> uids;
  for (const auto* set : sets) uids.insert(set->meta.uid);
  return uids;
}

// Every DaemonSet that runs flanneld, or did when the migration began.
std::set<api::ObjectKey> flannels(const Survey& survey) {
  std::set<api::ObjectKey> keys;
  for (const auto& candidate : survey.candidates) keys.insert(candidate.key);
  if (!survey.originals) return keys;
  for (const auto& [key, text] : survey.originals->flannel_sets) keys.insert(key);
  return keys;
}

}  // namespace

const DaemonPods::mapped_type& flanneld_on(const ClusterState& cluster, const std::string& node) {
  static const DaemonPods::mapped_type kNone;
  if (!cluster.flannel_pods) return kNone;
  const auto found = cluster.flannel_pods->find(node);
  return found == cluster.flannel_pods->end() ? kNone : found->second;
}

// A DaemonSet that is deleted goes before its last pods do.
std::string flannel_left(const Survey& survey) {
  if (!survey.cluster.flannel_pods) return "reading the cluster's pods";
  const auto keys = flannels(survey);
  std::vector<std::string> left;
  for (const auto& node : survey.nodes) {
    if (node.network != Network::Calico) continue;
    for (const auto& [uid, pod] : flanneld_on(survey.cluster, node.name)) {
      if (keys.contains(pod.set)) left.push_back(fmt::format("{} on node {}", pod.name, node.name));
    }
  }
  if (left.empty()) return {};
  return fmt::format("waiting for {} of flannel's to end: {}", base::counted(left.size(), "pod"),
                     name_some(left, kNodesShown));
}

std::optional<std::vector<std::string>> without_flannel(const Survey& survey) {
  if (!survey.cluster.flannel_pods) return std::nullopt;
  const auto ours = uids_of(survey.flannel_sets);
  std::vector<std::string> without;
  for (const auto& node : survey.nodes) {
    const auto& pods = flanneld_on(survey.cluster, node.name);
    const bool served = std::any_of(pods.begin(), pods.end(), [&ours](const auto& pod) {
      return pod.second.ready && ours.contains(pod.second.set_uid);
    });
    if (!served) without.push_back(node.name);
  }
  return without;
}

}  // namespace migration
