#include "flannel/cni_network.h"
#include "flannel/cni_plugin.h"
#include "flannel/image.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace migration::checks {
namespace {

using api::Severity;

// Advice that keeps an owner from restoring flannel.
struct Hold {
  std::string_view owner;
  std::string_view fix;
};

// Advice here deletes nothing that is there.
constexpr std::array<Hold, 11> kHolds = {{
    {"Talos",
     "Set cluster.network.cni.name to none in the machine configuration of every "
     "control-plane node before the migration (talosctl patch machineconfig)"},
    {"kops",
     "Run no kops update cluster, and replace no control-plane node, until the migration "
     "is over; then set networking.cni in the Cluster of kops"},
    {"Deckhouse",
     "Set spec.maintenance of the ModuleConfig to NoResourceReconciliation until the "
     "migration is over"},
    {"Kubermatic", "Set spec.pause of the Cluster in Kubermatic until the migration is over"},
    {"KubeOne", "Run no kubeone apply until the migration is over"},
    {"kapp",
     "Run no kapp deploy of it until the migration is over; where kapp-controller does, set "
     "spec.paused of its App"},
    {"k0s",
     "Restart every k0s controller with --disable-components=applier-manager, and without it when "
     "the migration is over"},
    {"HelmChart",
     "Give the HelmChart the annotation helmcharts.helm.cattle.io/unmanaged=true until the "
     "migration is over"},
    {"Helm release", "Run no helm upgrade or rollback of it until the migration is over"},
    {"Argo CD",
     "Take spec.syncPolicy.automated out of the Application, and do not sync it, until the "
     "migration is over"},
    {"Flux", "Set its spec.suspend to true until the migration is over"},
}};

std::string how_to_hold(const std::string& owner) {
  const auto found = std::find_if(kHolds.begin(), kHolds.end(), [&owner](const auto& hold) {
    return owner.starts_with(hold.owner);
  });
  if (found != kHolds.end()) return std::string(found->fix);
  return fmt::format("Suspend {} until the migration is over", owner);
}

constexpr std::string_view kLeastFlannel = "0.9.1";
constexpr std::string_view kLeastCanal = "3.7.0";

// Canal is numbered as the Calico in it.
std::string version_of(const Survey& survey) {
  if (!survey.on_canal()) return survey.install->version;
  for (const auto* set : survey.flannel_sets) {
    for (const auto& container : set->containers) {
      if (container.name == "calico-node") return flannel::image_version(container.image);
    }
  }
  return {};
}

std::string how_to_find_flannel(const Survey& survey) {
  if (!survey.candidates.empty()) {
    return fmt::format("Correct spec.flannel.daemonSet, or leave it out. flanneld is run by {}",
                       name_some(names_of_candidates(survey)));
  }
  return "Name it in spec.flannel.daemonSet. A flannel that is built into the node agent (k3s) "
         "cannot be migrated: it has no DaemonSet to move off a node";
}

}  // namespace

std::vector<std::string> names_of_candidates(const Survey& survey) {
  std::vector<std::string> names;
  for (const auto& candidate : survey.candidates) names.push_back(candidate.key.to_string());
  return names;
}

bool claims_ipv6(const Survey& survey) {
  return survey.spec.flannel.ipv6_network && survey.net_conf && !survey.net_conf->enable_ipv6;
}

bool wants_ipv6(const Survey& survey) {
  return survey.settings.ipv6_network && !claims_ipv6(survey);
}

void flannel_found(const Survey& survey, Findings& findings) {
  if (!survey.flannel_sets.empty()) return;
  const auto& named = survey.spec.flannel.daemon_set;
  findings.push_back(
      {"FlannelFound", Severity::Block,
       named ? fmt::format("no DaemonSet {}", named->to_string()) : "no DaemonSet runs flanneld",
       "flannel or Canal installed as a DaemonSet", how_to_find_flannel(survey)});
}

void flannel_version(const Survey& survey, Findings& findings) {
  if (!survey.install) return;
  const auto least = survey.on_canal() ? kLeastCanal : kLeastFlannel;
  const auto version = version_of(survey);
  const auto enough = flannel::version_at_least(version, least);
  const auto wanted = fmt::format("{} {} or newer", survey.on_canal() ? "Canal" : "flannel", least);
  if (!enough) {
    findings.push_back({"FlannelVersion", Severity::Warn,
                        fmt::format("image {} names no version", survey.install->image), wanted,
                        "Make sure that it is that new"});
  } else if (!*enough) {
    findings.push_back({"FlannelVersion", Severity::Block, fmt::format("version {}", version),
                        wanted, "Upgrade it first"});
  }
}

void flannel_store(const Survey& survey, Findings& findings) {
  if (!survey.install || !survey.install->etcd) return;
  findings.push_back(
      {"FlannelStore", Severity::Block, "flannel keeps its leases in etcd",
       "the Kubernetes subnet manager (--kube-subnet-mgr)",
       "Move flannel to the Kubernetes API first: its nodes then use their podCIDRs"});
}

// The agents look at the nodes' own files, and refuse the same there.
void flannel_cni(const Survey& survey, Findings& findings) {
  if (survey.flannel_config == nullptr) return;
  const auto problem = flannel::cni_problem(survey.flannel_config->data);
  if (problem.empty()) return;
  findings.push_back(
      {"FlannelCNI", Severity::Block,
       fmt::format("the CNI configuration in ConfigMap {} {}",
                   api::key_of(survey.flannel_config->meta).to_string(), problem),
       fmt::format("pods on a bridge, with host-local's leases below {}", flannel::kCniState),
       "Change it there, restart flannel on each node, and replace the node's pods, before the "
       "migration"});
}

void flannel_families(const Survey& survey, Findings& findings) {
  if (!claims_ipv6(survey)) return;
  findings.push_back(
      {"FlannelIPv6", Severity::Block,
       fmt::format("spec.flannel.ipv6Network is {}, but flannel carries no IPv6 (EnableIPv6 of its "
                   "net-conf.json is not true)",
                   survey.spec.flannel.ipv6_network->to_string()),
       "networks that flannel has", "Leave spec.flannel.ipv6Network out"});
}

// Values in spec.flannel take precedence. A difference is only a warning: overriding what the
// cluster says may be why they were set.
void flannel_values(const Survey& survey, Findings& findings) {
  for (const auto& value : survey.settings.differences) {
    findings.push_back({"FlannelValues", Severity::Warn,
                        fmt::format("spec.flannel.{} is {}, but {} says {}", value.name,
                                    value.given, value.source, value.observed),
                        "the value that flannel runs with",
                        fmt::format("Leave spec.flannel.{} out, unless what is said there is not "
                                    "what flannel runs with",
                                    value.name)});
  }
}

void flannel_backend(const Survey& survey, Findings& findings) {
  if (!survey.net_conf) return;
  if (survey.settings.backend != "vxlan") {
    findings.push_back({"FlannelBackend", Severity::Block,
                        fmt::format("backend {}", survey.settings.backend), "vxlan",
                        "Only the VXLAN backend can be handed over: change Backend.Type and "
                        "restart flannel first"});
  }
  if (survey.settings.direct_routing) {
    findings.push_back(
        {"FlannelDirectRouting", Severity::Block, "DirectRouting is true", "false",
         "Set Backend.DirectRouting to false in net-conf.json and restart flannel, node by node"});
  }
  if (survey.settings.gbp) {
    findings.push_back(
        {"FlannelGBP", Severity::Block, "GBP is true", "false",
         "Set Backend.GBP to false in net-conf.json and restart flannel, node by node"});
  }
}

// Without flannel's DaemonSet a node on flannel, or on its way back to it, has no network program,
// and looks as if it had just joined.
void flannel_there(const Survey& survey, Findings& findings) {
  const auto& sets = survey.flannel_sets;
  if (survey.flannel_stays() || !survey.begun() || survey.spec.target == api::Target::Flannel)
    return;
  // Nodes on Calico are recognised by Calico's DaemonSet, so nothing is known without it
  // (calico_there).
  if (survey.calico_node == nullptr || survey.calico_node->meta.deleting) return;
  std::vector<std::string> needing;
  for (const auto& node : survey.nodes) {
    const bool new_one = node.joined && !node.flannel;
    if (node.network != Network::Calico && !new_one) needing.push_back(node.name);
  }
  if (needing.empty()) return;
  findings.push_back(
      {"FlannelDaemonSet", Severity::Block,
       fmt::format("flannel's DaemonSet is {}, and nodes are not on Calico yet: {}",
                   sets.empty() ? "gone" : "being deleted", name_some(needing)),
       "the DaemonSet, until every node is on Calico",
       "Create it again as it was (it is saved in the ConfigMap "
       "flannel-migration-originals), or set spec.target to Flannel, which does so"});
}

void flannel_owner(const Survey& survey, Findings& findings) {
  if (!survey.install) return;
  const auto key = survey.install->key.to_string();
  if (survey.install->addon_manager) {
    findings.push_back(
        {"FlannelOwner", Severity::Block,
         fmt::format("DaemonSet {} has the label addonmanager.kubernetes.io/mode", key),
         "a DaemonSet that nobody puts back",
         "Take flannel's manifest away from the addon-manager, then remove the label"});
  } else if (!survey.install->managed_by.empty()) {
    findings.push_back(
        {"FlannelOwner", Severity::Warn,
         fmt::format("DaemonSet {} is managed by {}", key, survey.install->managed_by),
         "a DaemonSet that nobody puts back while nodes move",
         how_to_hold(survey.install->managed_by)});
  }
}

}  // namespace migration::checks
