#include "migration/facts/saved_settings.h"
#include "migration/facts/unseen.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <set>

namespace migration::checks {
namespace {

// Names the objects that the plan needs and that are unseen for that reason.
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

// Names for which the chart and deploy/manifests give rights by default.
bool is_usual_set(std::string_view name) {
  return name.starts_with("kube-flannel-ds") || name == "kube-flannel" || name == "canal" ||
         name == "rke2-canal";
}

bool is_usual_namespace(std::string_view ns) { return ns == "kube-system" || ns == "kube-flannel"; }

bool is_usual_map(std::string_view name) {
  return name == "kube-flannel-cfg" || name == "canal-config" || name == "rke2-canal-config";
}

std::string set_list(std::string_view value, const std::set<std::string>& names) {
  if (names.empty()) return {};
  std::string list;
  for (const auto& name : names) list += fmt::format("{}\"{}\"", list.empty() ? "" : ",", name);
  return fmt::format(" --set-json '{}=[{}]'", value, list);
}

// Arguments of helm upgrade that give the chart the names of this cluster; empty if all are usual.
std::string unusual_names(const Survey& survey) {
  std::set<std::string> sets;
  std::set<std::string> namespaces;
  std::set<std::string> maps;
  for (const auto* set : survey.flannel_sets) {
    if (!is_usual_set(set->meta.name)) sets.insert(set->meta.name);
    if (!is_usual_namespace(set->meta.ns)) namespaces.insert(set->meta.ns);
  }
  if (survey.install && !survey.install->config_map.empty() &&
      !is_usual_map(survey.install->config_map))
    maps.insert(survey.install->config_map);
  auto values = set_list("flannel.extraNamespaces", namespaces) +
                set_list("flannel.extraDaemonSets", sets) +
                set_list("flannel.extraConfigMaps", maps);
  const auto& calico = survey.spec.calico.daemon_set;
  if (calico.ns != "kube-system") values += " --set calico.namespace=" + calico.ns;
  if (calico.name != "calico-node") values += " --set calico.daemonSet=" + calico.name;
  return values;
}

std::string how_to_permit(const Survey& survey) {
  const auto values = unusual_names(survey);
  if (values.empty()) {
    return "Give them to the operator's ServiceAccount: apply deploy/manifests again, or upgrade "
           "the chart";
  }
  return fmt::format(
      "Give them to the operator's ServiceAccount, by the chart, as deploy/manifests "
      "has only the usual names: helm upgrade flannel-migration "
      "helm/flannel-migration -n {} --reuse-values{}",
      survey.cluster.self.ns, values);
}

void tell_missing(const Survey& survey, const std::vector<std::string>& rights,
                  Findings& findings) {
  if (rights.empty()) return;
  findings.push_back({"Permissions", api::Severity::Block, "not allowed: " + name_some(rights),
                      "the ClusterRole and Roles that the chart installs", how_to_permit(survey)});
}

}  // namespace

void permissions(const Survey& survey, Findings& findings) {
  auto rights = survey.cluster.missing_permissions;
  for (auto& right : refused_reads(survey)) rights.push_back(std::move(right));
  tell_missing(survey, rights, findings);
}

// Checks only rights to read once a migration has begun: a missing right to write shows when it is
// needed.
void read_permissions(const Survey& survey, Findings& findings) {
  tell_missing(survey, refused_reads(survey), findings);
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
  // The way back does not need flannel's configuration: the saved settings count.
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
