#include "migration/kept_settings.h"
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

void kept_settings(const Survey& survey, Findings& findings) {
  if (!survey.originals) return;
  // The way back needs nothing that is said of flannel: what the migration began with counts.
  const bool back = survey.spec.target == api::Target::Flannel;
  for (const auto& [field, said, kept] : find_conflicts(survey.spec, survey.originals->settings)) {
    const bool harmless = back && field.starts_with("spec.flannel.");
    findings.push_back(
        {"KeptSettings", harmless ? api::Severity::Warn : api::Severity::Block,
         fmt::format("{} is {}", field, said),
         fmt::format("{}, as when the migration began", kept.empty() ? "nothing" : kept),
         fmt::format("Set {} back; where the API server refuses that, delete this FlannelMigration "
                     "and create it again: the nodes stay where they are meanwhile",
                     field)});
  }
}

}  // namespace migration::checks
