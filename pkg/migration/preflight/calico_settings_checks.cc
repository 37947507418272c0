// Checks settings of Calico that do not fit the migration: settings that take precedence over the
// FelixConfiguration, and what makes calico-node wait for BGP.
#include "flannel/managed_by.h"
#include "migration/facts/felix_values.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace migration::checks {
namespace {

using api::Severity;

constexpr std::string_view kBackendKey = "calico_backend";
constexpr std::string_view kPluginKey = "cni_network_config";
constexpr std::string_view kVxlan = "vxlan";
constexpr std::string_view kVxlanEnabled = "FELIX_VXLANENABLED";
constexpr std::string_view kBackendVariable = "CALICO_NETWORKING_BACKEND";

// Names in parentheses, " (Helm release ns/name)", the tool that would restore the object.
std::string whose(const api::ObjectMeta& meta) {
  const auto owner = flannel::managed_by(meta);
  return owner.empty() ? owner : fmt::format(" ({})", owner);
}

std::string set_name(const Survey& survey) {
  return fmt::format("DaemonSet {}{}", survey.spec.calico.daemon_set.to_string(),
                     whose(survey.calico_node->meta));
}

std::string map_name(const Survey& survey) {
  const auto& meta = survey.calico_config->meta;
  return fmt::format("ConfigMap {}{}", api::key_of(meta).to_string(), whose(meta));
}

std::string set_env(const Survey& survey, std::string_view name, std::string_view value) {
  const auto& set = survey.spec.calico.daemon_set;
  return fmt::format("kubectl -n {} set env daemonset/{} -c calico-node {}{}{}", set.ns, set.name,
                     name, value.empty() ? "-" : "=", value);
}

// A setting of Felix that takes precedence over the FelixConfiguration, with its wanted value.
struct Wanted {
  const char* variable;
  const char* field;
  std::optional<std::int64_t> api::FelixConfiguration::*member;
  std::optional<std::int64_t> value;  // nullopt: it is not known yet
};

std::vector<Wanted> wanted_of(const Survey& survey) {
  const auto& settings = survey.settings;
  std::optional<std::int64_t> mtu;
  if (settings.mtu) mtu = *settings.mtu;
  return {
      {"FELIX_VXLANVNI", "vxlanVNI", &api::FelixConfiguration::vxlan_vni, settings.vni},
      {"FELIX_VXLANPORT", "vxlanPort", &api::FelixConfiguration::vxlan_port, settings.port},
      {"FELIX_VXLANMTU", "vxlanMTU", &api::FelixConfiguration::vxlan_mtu, mtu},
  };
}

std::string text_of(const std::optional<std::int64_t>& value) {
  return value ? fmt::format("{}", *value) : "flannel's, which is read when the migration begins";
}

void tell_variable(const Survey& survey, std::string_view name, const std::string& value,
                   const std::string& wanted, Findings& findings) {
  findings.push_back({"CalicoEnvironment", Severity::Block,
                      fmt::format("{} is {} in {}, and beats the FelixConfiguration", name, value,
                                  set_name(survey)),
                      fmt::format("no {}, or {}", name, wanted), set_env(survey, name, {})});
}

// Lists the wrong fields of one object, as "vxlanVNI 4096 (wanted 1)".
std::vector<std::string> differences(const Survey& survey, const api::FelixConfiguration& felix) {
  std::vector<std::string> found;
  for (const auto& one : wanted_of(survey)) {
    const auto said = felix.*one.member;
    if (said && said != one.value)
      found.push_back(fmt::format("{} {} (wanted {})", one.field, *said, text_of(one.value)));
  }
  if (!felix.vxlan_enabled.value_or(true)) found.emplace_back("vxlanEnabled false (wanted true)");
  return found;
}

// A data plane that was not tried with a tunnel that is handed over.
struct DataPlane {
  const char* variable;
  const char* field;
  std::optional<bool> api::FelixConfiguration::*member;
  const char* why;
};

constexpr const char* kNoBpf =
    "false until the migration is over: the eBPF data plane does not "
    "serve pods that are still on flannel's bridge";
constexpr const char* kNoWireguard =
    "false until the migration is over: WireGuard carries what "
    "nodes on Calico send to each other past the tunnel that is "
    "handed over, with a smaller MTU";
constexpr std::array<DataPlane, 3> kDataPlanes = {{
    {"FELIX_BPFENABLED", "bpfEnabled", &api::FelixConfiguration::bpf_enabled, kNoBpf},
    {"FELIX_WIREGUARDENABLED", "wireguardEnabled", &api::FelixConfiguration::wireguard_enabled,
     kNoWireguard},
    {"FELIX_WIREGUARDENABLEDV6", "wireguardEnabledV6",
     &api::FelixConfiguration::wireguard_enabled_v6, kNoWireguard},
}};

void tell_data_plane(const DataPlane& plane, const std::string& place, std::string fix,
                     Findings& findings) {
  findings.push_back({"CalicoDataPlane", Severity::Block, place, plane.why, std::move(fix)});
}

void look_for_data_plane(const api::FelixConfiguration& felix, Findings& findings) {
  for (const auto& plane : kDataPlanes) {
    if (!(felix.*plane.member).value_or(false)) continue;
    tell_data_plane(plane,
                    fmt::format("{} is true in FelixConfiguration {}{}", plane.field,
                                felix.meta.name, whose(felix.meta)),
                    fmt::format("kubectl patch felixconfigurations.crd.projectcalico.org {} "
                                "--type merge -p '{{\"spec\":{{\"{}\":false}}}}'",
                                felix.meta.name, plane.field),
                    findings);
  }
}

// Felix accepts the same values.
bool is_true(std::string value) {
  for (auto& c : value) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return value == "true" || value == "1" || value == "yes" || value == "y" || value == "t";
}

}  // namespace

void calico_data_plane(const Survey& survey, Findings& findings) {
  if (survey.cluster.felix) look_for_data_plane(*survey.cluster.felix, findings);
  for (const auto& [name, felix] : survey.cluster.node_felix) look_for_data_plane(felix, findings);
  for (const auto& plane : kDataPlanes) {
    const auto* said = felix_variable(survey, plane.variable);
    if (said == nullptr || !is_true(*said)) continue;
    tell_data_plane(plane, fmt::format("{} is {} in {}", plane.variable, *said, set_name(survey)),
                    set_env(survey, plane.variable, {}), findings);
  }
}

void calico_owner(const Survey& survey, Findings& findings) {
  if (survey.calico_node == nullptr) return;
  const auto* owner = survey.calico_node->meta.controller();
  if (owner == nullptr) return;
  findings.push_back(
      {"CalicoOwner", Severity::Block,
       fmt::format("{} belongs to {} {}, which puts it back as it was within seconds",
                   set_name(survey), owner->kind, owner->name),
       "a calico-node whose node selector and update strategy stay as they are written",
       "Install Calico with its flannel-migration manifest "
       "(manifests/flannel-migration/calico.yaml) in place of the one that an operator runs, and "
       "name its DaemonSet in spec.calico.daemonSet"});
}

void calico_backend(const Survey& survey, Findings& findings) {
  const auto* container = felix_container(survey);
  if (container == nullptr) return;
  const auto* literal = felix_variable(survey, kBackendVariable);
  if (literal != nullptr && *literal != kVxlan) {
    findings.push_back({"CalicoBackend", Severity::Block,
                        fmt::format("{} is {} in {}", kBackendVariable, *literal, set_name(survey)),
                        "vxlan", set_env(survey, kBackendVariable, kVxlan)});
  } else if (literal == nullptr && survey.calico_config != nullptr) {
    const auto& data = survey.calico_config->data;
    const auto said = data.find(std::string(kBackendKey));
    if (said != data.end() && said->second != kVxlan)
      findings.push_back(
          {"CalicoBackend", Severity::Block,
           fmt::format("{} is {} in {}", kBackendKey, said->second, map_name(survey)), "vxlan",
           fmt::format("kubectl -n {} patch configmap {} --type merge -p "
                       "'{{\"data\":{{\"calico_backend\":\"vxlan\"}}}}'",
                       survey.calico_config->meta.ns, survey.calico_config->meta.name)});
  }
  for (const auto* probe : {"-bird-ready", "-bird-live"}) {
    const auto& probes = container->probes;
    if (std::find(probes.begin(), probes.end(), probe) == probes.end()) continue;
    findings.push_back(
        {"CalicoProbes", Severity::Block,
         fmt::format("a probe of calico-node asks for {} in {}", probe, set_name(survey)),
         "probes of Felix alone: without BIRD, or without all of its peers, the pod is never Ready",
         fmt::format("kubectl -n {} edit daemonset {}, and take {} out of the probe",
                     survey.spec.calico.daemon_set.ns, survey.spec.calico.daemon_set.name, probe)});
  }
}

// The configuration is a template whose placeholders make it invalid JSON, so only its text is
// searched.
void calico_plugin(const Survey& survey, Findings& findings) {
  if (survey.calico_config == nullptr) return;
  const auto& data = survey.calico_config->data;
  const auto text = data.find(std::string(kPluginKey));
  if (text == data.end() || text->second.find("\"host-local\"") == std::string::npos) return;
  findings.push_back(
      {"CalicoIPAM", Severity::Block,
       fmt::format("ipam.type is host-local in {} of {}", kPluginKey, map_name(survey)),
       "calico-ipam, whose blocks tell every node where an address is",
       fmt::format("kubectl -n {} edit configmap {}: \"ipam\": {{\"type\": \"calico-ipam\"}}",
                   survey.calico_config->meta.ns, survey.calico_config->meta.name)});
}

void calico_environment(const Survey& survey, Findings& findings) {
  for (const auto& one : wanted_of(survey)) {
    const auto* said = felix_variable(survey, one.variable);
    if (said == nullptr) continue;
    if (!one.value || *said != fmt::format("{}", *one.value))
      tell_variable(survey, one.variable, *said, text_of(one.value), findings);
  }
  const auto* enabled = felix_variable(survey, kVxlanEnabled);
  if (enabled != nullptr && *enabled != "true")
    tell_variable(survey, kVxlanEnabled, *enabled, "true", findings);
}

void calico_node_felix(const Survey& survey, Findings& findings) {
  for (const auto& [name, felix] : survey.cluster.node_felix) {
    const auto found = differences(survey, felix);
    if (found.empty()) continue;
    findings.push_back(
        {"FelixOfNode", Severity::Block,
         fmt::format("FelixConfiguration {}{} says {}", name, whose(felix.meta), name_some(found)),
         "what FelixConfiguration default says of VXLAN, on every node",
         fmt::format("kubectl patch felixconfigurations.crd.projectcalico.org {} --type merge -p "
                     "'{{\"spec\":{{\"vxlanVNI\":null,\"vxlanPort\":null,\"vxlanMTU\":null,"
                     "\"vxlanEnabled\":null}}}}'",
                     name)});
  }
}

}  // namespace migration::checks
