#include "api/names.h"
#include "migration/pools.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration::checks {
namespace {

using api::Severity;

// The last part of the folder's name, wherever a distribution keeps it.
constexpr std::string_view kCniFolder = "/net.d";

std::string without_last_slash(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

std::string calico_key(const Survey& survey) { return survey.spec.calico.daemon_set.to_string(); }

std::string describe(const std::vector<calico::FieldDifference>& differences) {
  std::string text;
  for (const auto& d : differences) {
    text += fmt::format("{}{} is {}", text.empty() ? "" : ", ", d.field, d.observed);
  }
  return text;
}

std::string describe(const calico::PoolWanted& pool) {
  return fmt::format("{} with vxlanMode Always, ipipMode Never, blockSize {}, natOutgoing {}",
                     pool.cidr.to_string(), pool.block_size, pool.nat_outgoing);
}

std::string how_to_mend(const PoolDecision& decision) {
  bool fixed = decision.differences.empty();
  for (const auto& difference : decision.differences) fixed = fixed || difference.immutable;
  if (fixed) {
    return fmt::format(
        "Delete it, if no pod uses it: kubectl delete ippools.crd.projectcalico.org {}; or set "
        "spec.calico.blockSize to its block size",
        decision.existing);
  }
  return fmt::format(
      "kubectl patch ippools.crd.projectcalico.org {} --type merge -p "
      "'{{\"spec\":{{\"vxlanMode\":\"Always\",\"ipipMode\":\"Never\",\"natOutgoing\":{},"
      "\"disabled\":false}}}}'",
      decision.existing, decision.wanted.nat_outgoing);
}

}  // namespace

void calico_definitions(const Survey& survey, Findings& findings) {
  if (survey.cluster.calico_v3_group) {
    findings.push_back({"CalicoDefinitions", Severity::Block,
                        "Calico keeps its objects in projectcalico.org/v3",
                        "crd.projectcalico.org/v1",
                        "Install Calico with the crd.projectcalico.org definitions, which "
                        "its flannel-migration manifest carries"});
    return;
  }
  const auto names = unseen_kinds(survey.cluster, Unseen::NotServed);
  if (names.empty()) return;
  findings.push_back({"CalicoDefinitions", Severity::Block, "not served: " + name_some(names),
                      "Calico's custom resource definitions",
                      "Install Calico with its flannel-migration manifest "
                      "(manifests/flannel-migration/calico.yaml)"});
}

void calico_node(const Survey& survey, Findings& findings) {
  if (survey.calico_node == nullptr) {
    findings.push_back({"CalicoNode", Severity::Block,
                        fmt::format("no DaemonSet {}", calico_key(survey)),
                        "calico-node, installed and held back by its node selector",
                        "Install Calico with its flannel-migration manifest, or name it in "
                        "spec.calico.daemonSet"});
    return;
  }
  if (survey.calico_config == nullptr) {
    findings.push_back(
        {"CalicoConfig", Severity::Warn,
         fmt::format("no ConfigMap {}/{}", survey.spec.calico.daemon_set.ns, api::kCalicoConfigMap),
         "veth_mtu set to flannel's MTU", "Give Calico's pods flannel's MTU by other means"});
  }
}

// On the way back its absence matters only where nodes are on it.
void calico_there(const Survey& survey, Findings& findings) {
  if (survey.spec.target == api::Target::Flannel) return;
  if (survey.calico_node != nullptr && !survey.calico_node->meta.deleting) return;
  findings.push_back(
      {"CalicoNode", Severity::Block,
       fmt::format("DaemonSet {} is {}", calico_key(survey),
                   survey.calico_node == nullptr ? "gone" : "being deleted"),
       "calico-node, which carries the nodes that have moved",
       "Create it again as it was, or name it in spec.calico.daemonSet; nothing is done before"});
}

// Agents look for both networks' CNI configuration where Calico's is written.
void calico_cni_folder(const Survey& survey, Findings& findings) {
  if (survey.calico_node == nullptr) return;
  std::vector<std::string> folders;
  for (const auto& path : survey.calico_node->host_paths) {
    std::string folder = without_last_slash(path);
    if (folder == without_last_slash(survey.spec.calico.cni_config_dir)) return;
    if (folder.ends_with(kCniFolder)) folders.push_back(std::move(folder));
  }
  if (folders.empty()) return;
  findings.push_back(
      {"CalicoCNIConfigDir", Severity::Warn,
       fmt::format("spec.calico.cniConfigDir is {}, and DaemonSet {} mounts {}",
                   survey.spec.calico.cni_config_dir, calico_key(survey), name_some(folders)),
       "the folder from which the nodes' container runtime reads CNI configuration",
       "Set spec.calico.cniConfigDir to what calico-node mounts, unless both are one folder"});
}

// Without the selector calico-node would start everywhere at once, beside flannel. Once every node
// is on Calico it is taken away on purpose.
void calico_gate(const Survey& survey, Findings& findings) {
  if (survey.calico_node == nullptr || survey.calico_gated()) return;
  const bool finishing =
      survey.begun() && std::all_of(survey.nodes.begin(), survey.nodes.end(), [](const auto& node) {
        return node.network == Network::Calico;
      });
  if (finishing) return;
  const auto& calico = survey.spec.calico.daemon_set;
  findings.push_back(
      {"CalicoNodeSelector", Severity::Block,
       fmt::format("DaemonSet {} has no node selector {}", calico.to_string(), api::kNetworkLabel),
       fmt::format("{}: calico", api::kNetworkLabel),
       fmt::format("kubectl -n {} patch daemonset {} --type merge -p "
                   "'{{\"spec\":{{\"template\":{{\"spec\":{{\"nodeSelector\":{{\"{}\":\"calico\"}}}"
                   "}}}}}}}'",
                   calico.ns, calico.name, api::kNetworkLabel)});
}

void calico_ipv6(const Survey& survey, Findings& findings) {
  if (!wants_ipv6(survey) || survey.calico_node == nullptr) return;
  for (const auto& container : survey.calico_node->containers) {
    const auto support = container.env.find("FELIX_IPV6SUPPORT");
    if (support == container.env.end() || support->second != "false") continue;
    findings.push_back({"CalicoIPv6", Severity::Block, "FELIX_IPV6SUPPORT is false in calico-node",
                        "true, since flannel carries IPv6 here",
                        "Set FELIX_IPV6SUPPORT=true and IP6=autodetect, and assign_ipv6 in "
                        "Calico's CNI configuration"});
  }
}

void calico_datastore(const Survey& survey, Findings& findings) {
  const auto& information = survey.cluster.cluster_information;
  if (!information || information->datastore_ready.value_or(true)) return;
  findings.push_back({"CalicoDatastore", Severity::Block,
                      "ClusterInformation default has datastoreReady false",
                      "true: while it is false no pod can start anywhere",
                      "Wait for Calico's own migration; if none is running: kubectl patch "
                      "clusterinformations.crd.projectcalico.org "
                      "default --type merge -p '{\"spec\":{\"datastoreReady\":true}}'"});
}

void calico_pools(const Survey& survey, Findings& findings) {
  for (const auto& decision : decide_pools(survey)) {
    if (decision.kind == PoolDecision::Kind::Conflict) {
      findings.push_back(
          {"IPPoolCompatible", Severity::Block,
           fmt::format("IPPool {}: {}", decision.existing, describe(decision.differences)),
           describe(decision.wanted), how_to_mend(decision)});
    } else if (decision.kind == PoolDecision::Kind::Replace) {
      findings.push_back(
          {"IPPoolReplaced", Severity::Info,
           fmt::format("IPPool {} of Canal: {}", decision.existing, describe(decision.differences)),
           describe(decision.wanted), "Nothing: it is saved, and put back by a revert"});
    }
  }
}

}  // namespace migration::checks
