#include "base/plural.h"
#include "migration/facts/flannel_choice.h"
#include "migration/facts/flannel_pods.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace migration::checks {
namespace {

bool has_pod(const ClusterState& cluster, const api::DaemonSet& set, const std::string& node) {
  const auto& pods = flanneld_on(cluster, node);
  return std::any_of(pods.begin(), pods.end(),
                     [&set](const auto& pod) { return pod.second.set_uid == set.meta.uid; });
}

bool runs_on(const ClusterState& cluster, const api::DaemonSet& set, const NodeView& node) {
  const bool will = !set.meta.deleting && set.wants(node.node()) && node.node().has_kubelet;
  return will || has_pod(cluster, set, node.name);
}

// A node that is left alone gets Calico, too, when its DaemonSet is opened at the end.
bool calico_gets(const Survey& survey, const NodeView& node) {
  return node.left_alone.empty() ||
         (survey.calico_node != nullptr && would_want(*survey.calico_node, node.node()));
}

// flanneld of the installations that are not migrated, on nodes that Calico is to have.
struct Others {
  std::vector<std::string> sets;
  std::set<std::string> nodes;
};

Others find_others(const Survey& survey) {
  Others others;
  for (const auto* set : survey.other_flannels) {
    bool any = false;
    for (const auto* list : {&survey.nodes, &survey.left_alone}) {
      for (const auto& node : *list) {
        if (!calico_gets(survey, node) || !runs_on(survey.cluster, *set, node)) continue;
        any = true;
        others.nodes.insert(node.name);
      }
    }
    if (any) others.sets.push_back(api::key_of(set->meta).to_string());
  }
  return others;
}

// True if it is not known which installation is meant, although some are on nodes of their own. An
// installation for Windows is never meant, as these nodes never move.
bool is_open(const Survey& survey) {
  if (survey.spec.flannel.daemon_set || survey.begun()) return false;
  return std::any_of(survey.candidates.begin(), survey.candidates.end(), [&](const auto& one) {
    return flannel::is_for_linux(one) && !flannel::same_installation(one, *survey.install) &&
           wants_some_node(survey.cluster, survey.cluster.daemon_sets.at(one.key));
  });
}

void tell(const Survey& survey, const std::string& more, std::string fix, Findings& findings) {
  findings.push_back(
      {"FlannelSingle", api::Severity::Block,
       "several DaemonSets run flanneld: " + name_some(names_of_candidates(survey)) + more,
       "one installation of flannel", std::move(fix)});
}

}  // namespace

// Naming one installation does not end the others' flanneld on the same nodes: it would recreate
// its device and its rules under Calico.
void flannel_single(const Survey& survey, Findings& findings) {
  if (survey.spec.target == api::Target::Flannel) return;
  const auto others = find_others(survey);
  if (others.nodes.empty()) {
    if (survey.install && is_open(survey))
      tell(survey, {}, "Say which one in spec.flannel.daemonSet", findings);
    return;
  }
  const std::vector<std::string> nodes(others.nodes.begin(), others.nodes.end());
  tell(survey,
       fmt::format("; {} on {} that Calico is to have: {}", name_some(others.sets),
                   base::counted(nodes.size(), "node"), name_some(nodes, kNodesShown)),
       fmt::format("Have one flannel to a node: delete the one that is not needed (kubectl -n {} "
                   "delete daemonset {}, if it is that one). Naming one in "
                   "spec.flannel.daemonSet does not take the other one off these nodes",
                   others.sets.front().substr(0, others.sets.front().find('/')),
                   others.sets.front().substr(others.sets.front().find('/') + 1)),
       findings);
}

}  // namespace migration::checks
