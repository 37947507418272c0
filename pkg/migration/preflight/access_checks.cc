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

void saved_originals(const Survey& survey, Findings& findings) {
  if (survey.originals_error.empty()) return;
  findings.push_back(
      {"SavedOriginals", api::Severity::Block, survey.originals_error,
       "the record of the cluster before the migration, as it was written",
       "Restore the ConfigMap from a backup; without it a revert cannot put back what was there"});
}

}  // namespace migration::checks
