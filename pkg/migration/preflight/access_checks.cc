#include "migration/preflight/checks.h"

#include <fmt/format.h>

namespace migration::checks {

void permissions(const Survey& survey, Findings& findings) {
  if (survey.cluster.missing_permissions.empty()) return;
  findings.push_back(
      {"Permissions", api::Severity::Block,
       "not allowed: " + name_some(survey.cluster.missing_permissions),
       "the ClusterRole and Roles that the chart installs",
       "Give them to the operator's ServiceAccount: apply deploy/manifests again, or "
       "upgrade the chart with the names of flannel's and Calico's DaemonSets in "
       "its values"});
}

void agent_image(const Survey& survey, Findings& findings) {
  if (survey.cluster.self.has_agent_image || !survey.spec.agent.image.empty()) return;
  findings.push_back(
      {"AgentImage", api::Severity::Block,
       "the operator was started without --agent-image, and spec.agent.image is empty",
       "an image for the agent pods, which do the work on the nodes",
       "Start the operator with --agent-image (the chart does), or set "
       "spec.agent.image"});
}

void saved_originals(const Survey& survey, Findings& findings) {
  if (survey.originals_error.empty()) return;
  findings.push_back(
      {"SavedOriginals", api::Severity::Block, survey.originals_error,
       "the record of the cluster before the migration, as it was written",
       "Restore the ConfigMap from a backup; without it a revert cannot put back what was there"});
}

}  // namespace migration::checks
