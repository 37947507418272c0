#include "api/names.h"
#include "flannel/cni_network.h"
#include "migration/facts/felix_values.h"
#include "migration/ipam/ip_pools.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration::checks {
namespace {

using api::Severity;

constexpr std::string_view kOurKind = "flannelmigrations";

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

// A field's value as JSON: some are flags, one is a list.
std::string json_of(const calico::FieldDifference& d) {
  if (d.wanted == "true" || d.wanted == "false") return d.wanted;
  if (d.field == "spec.allowedUses") return R"(["Workload","Tunnel"])";
  return fmt::format("\"{}\"", d.wanted);
}

// Patches every field that can be changed; empty when all of these are right.
std::string patch_of(const PoolDecision& decision) {
  std::string fields;
  for (const auto& d : decision.differences) {
    if (d.immutable) continue;
    fields += fmt::format("{}\"{}\":{}", fields.empty() ? "" : ",",
                          d.field.substr(d.field.find('.') + 1), json_of(d));
  }
  if (fields.empty()) return {};
  return fmt::format(
      "kubectl patch ippools.crd.projectcalico.org {} --type merge -p '{{\"spec\":{{{}}}}}'",
      decision.existing, fields);
}

const calico::FieldDifference* find_field(const PoolDecision& decision, std::string_view field) {
  const auto& all = decision.differences;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& d) { return d.field == field; });
  return found == all.end() ? nullptr : &*found;
}

std::string how_to_mend(const PoolDecision& decision) {
  const auto patch = patch_of(decision);
  const auto drop =
      fmt::format("kubectl delete ippools.crd.projectcalico.org {}", decision.existing);
  if (find_field(decision, "spec.cidr") != nullptr)
    return "If no pod uses it, as the CIDR of a pool cannot be changed: " + drop;
  const auto* size = find_field(decision, "spec.blockSize");
  if (size == nullptr) return patch;
  const bool v4 = decision.wanted.cidr.family() == net::Family::V4;
  return fmt::format(
      "Set spec.calico.{} of the FlannelMigration to {}{}; or, if no pod uses the "
      "pool: {}",
      v4 ? "blockSize" : "ipv6BlockSize", size->observed, patch.empty() ? "" : ", and: " + patch,
      drop);
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
  auto names = unseen_kinds(survey.cluster, Unseen::NotServed);
  std::erase(names, kOurKind);
  if (names.empty()) return;
  findings.push_back({"CalicoDefinitions", Severity::Block, "not served: " + name_some(names),
                      "Calico's custom resource definitions",
                      "Install Calico with its flannel-migration manifest "
                      "(manifests/flannel-migration/calico.yaml)"});
}

// A plan can be made before the definition is there, from a file.
void our_definition(const Survey& survey, Findings& findings) {
  const auto names = unseen_kinds(survey.cluster, Unseen::NotServed);
  if (std::find(names.begin(), names.end(), kOurKind) == names.end()) return;
  findings.push_back({"Definition", Severity::Warn, fmt::format("not served: {}", kOurKind),
                      "the custom resource definition of the migration, before it can begin",
                      "Install the chart, or: kubectl apply -f crds"});
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

// Calico's absence matters on the way back only if nodes are on it.
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
// is on Calico the migration removes the selector on purpose.
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
  const auto* support = felix_variable(survey, "FELIX_IPV6SUPPORT");
  if (!wants_ipv6(survey) || support == nullptr || *support != "false") return;
  findings.push_back({"CalicoIPv6", Severity::Block, "FELIX_IPV6SUPPORT is false in calico-node",
                      "true, since flannel carries IPv6 here",
                      "Set FELIX_IPV6SUPPORT=true and IP6=autodetect, and assign_ipv6 in "
                      "Calico's CNI configuration"});
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

// Calico's CNI configuration is a template whose placeholders make it invalid JSON.
void cni_plugins(const Survey& survey, Findings& findings) {
  if (survey.flannel_config == nullptr || survey.calico_config == nullptr) return;
  const auto text = survey.calico_config->data.find("cni_network_config");
  if (text == survey.calico_config->data.end()) return;
  auto missing = flannel::cni_plugins(survey.flannel_config->data);
  std::erase_if(missing, [&text](const auto& type) {
    return type == "flannel" || type == "calico" ||
           text->second.find(fmt::format("\"{}\"", type)) != std::string::npos;
  });
  if (missing.empty()) return;
  const auto& meta = survey.calico_config->meta;
  findings.push_back(
      {"CNIPlugins", Severity::Info,
       fmt::format("flannel's CNI configuration runs {}, Calico's does not", name_some(missing)),
       "the same for pods on Calico, where a pod depends on it",
       fmt::format("Add it to cni_network_config before nodes move, if a pod needs it: kubectl -n "
                   "{} edit configmap {}",
                   meta.ns, meta.name)});
}

// Calico claims blocks for Services as well, not for nodes only, and IPAMConfig has no exception
// for these: autoAllocateBlocks is false for all while nodes are moved.
void calico_load_balancers(const Survey& survey, Findings& findings) {
  std::vector<std::string> names;
  for (const auto& [name, pool] : survey.cluster.pools) {
    const auto& uses = pool.allowed_uses;
    if (std::find(uses.begin(), uses.end(), "LoadBalancer") != uses.end()) names.push_back(name);
  }
  if (names.empty()) return;
  findings.push_back(
      {"LoadBalancerPools", Severity::Info,
       "Services get addresses from IPPool " + name_some(names),
       "enough free addresses in the blocks that Calico has claimed there: until the "
       "migration is over it claims no other",
       "Create Services that need more addresses before it begins, or afterwards"});
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
