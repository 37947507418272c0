#include "api/service_account.h"
#include "migration/preflight/checks.h"

#include <algorithm>

namespace migration::checks {
namespace {

using Needs = std::vector<calico::AccountNeed>;

std::string observed(const Needs& needs) {
  std::vector<std::string> lacking;
  for (const auto& need : needs)
    lacking.push_back(api::user_of(need.account) + " may not " + need.right.to_string());
  return name_some(lacking);
}

// Joins the commands for all rights, so that they can be pasted as one.
std::string fix(const Needs& needs) {
  std::string commands;
  for (const auto& need : needs) commands += (commands.empty() ? "" : " && ") + need.fix();
  return commands;
}

Needs missing_of(const Survey& survey, const api::ObjectKey& set) {
  Needs needs;
  for (const auto& need : survey.cluster.missing_account_rights) {
    if (need.set == set) needs.push_back(need);
  }
  return needs;
}

bool runs_on_some_node(const Survey& survey, Network network) {
  return std::any_of(survey.nodes.begin(), survey.nodes.end(),
                     [&](const NodeView& node) { return node.network == network; });
}

// Canal's pods start again half-way, and in a revert on every node.
void canal_rights(const Survey& survey, Findings& findings) {
  const bool back = survey.spec.target == api::Target::Flannel;
  if (!survey.on_canal() || !(back || runs_on_some_node(survey, Network::Flannel))) return;
  for (const auto* set : survey.flannel_sets) {
    const Needs needs = missing_of(survey, {set->meta.ns, set->meta.name});
    if (needs.empty()) continue;
    findings.push_back(
        {"CanalRights", api::Severity::Block, observed(needs),
         "the rights that Canal's pods need to start; Calico's manifest replaces the "
         "ClusterRole calico-node, which gave them",
         fix(needs)});
  }
}

void calico_rights(const Survey& survey, Findings& findings) {
  if (survey.spec.target == api::Target::Flannel || survey.calico_node == nullptr) return;
  const auto& meta = survey.calico_node->meta;
  const Needs needs = missing_of(survey, {meta.ns, meta.name});
  if (needs.empty()) return;
  findings.push_back({"CalicoRights", api::Severity::Block, observed(needs),
                      "the rights that calico-node and its CNI plugin need, as Calico's manifest "
                      "gives them",
                      fix(needs)});
}

}  // namespace

void account_rights(const Survey& survey, Findings& findings) {
  canal_rights(survey, findings);
  calico_rights(survey, findings);
}

}  // namespace migration::checks
