#include "migration/kept_settings.h"
#include "migration/preflight/checks.h"
#include "migration/unseen.h"

#include <fmt/format.h>

namespace migration::checks {
namespace {

// What the plan has to see and does not, for that reason.
std::vector<std::string> needed(const Survey& survey, Unseen reason) {
  std::vector<std::string> kinds;
  for (const auto& [kind, why] : needed_but_unseen(survey)) {
    if (why == reason) kinds.push_back(kind);
  }
  return kinds;
}

std::vector<std::string> refused_reads(const Survey& survey) {
  auto rights = needed(survey, Unseen::Refused);
  for (auto& right : rights) right = "list and watch " + right;
  return rights;
}

void tell_missing(const std::vector<std::string>& rights, Findings& findings) {
  if (rights.empty()) return;
  findings.push_back(
      {"Permissions", api::Severity::Block, "not allowed: " + name_some(rights),
       "the ClusterRole and Roles that the chart installs",
       "Give them to the operator's ServiceAccount: apply deploy/manifests again, or "
       "upgrade the chart with the names of flannel's and Calico's DaemonSets in "
       "its values"});
}

}  // namespace

void permissions(const Survey& survey, Findings& findings) {
  auto rights = survey.cluster.missing_permissions;
  for (auto& right : refused_reads(survey)) rights.push_back(std::move(right));
  tell_missing(rights, findings);
}

// Of a migration that has begun: a right to write that is missing shows when it is needed.
void read_permissions(const Survey& survey, Findings& findings) {
  tell_missing(refused_reads(survey), findings);
}

void api_server(const Survey& survey, Findings& findings) {
  const auto lost = needed(survey, Unseen::Lost);
  if (lost.empty()) return;
  findings.push_back(
      {"ApiServer", api::Severity::Block,
       "the API server has not answered a list for minutes of: " + name_some(lost),
       "lists of everything that decisions depend on",
       "The operator's log has the error (watch failed); look at the API server, and "
       "at a proxy or load balancer before it"});
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
