#include "flannel/install.h"

#include "api/names.h"
#include "flannel/image.h"
#include "flannel/managed_by.h"
#include "flannel/options.h"
#include "flannel/version.h"

#include <algorithm>
#include <array>

namespace flannel {
namespace {

using api::ContainerSpec;

// A flannel image with a command of another program, such as cp or sh, only installs files.
bool runs_flannel(const ContainerSpec& container) {
  const Options options(container);
  return options.runs_flanneld() ||
         (is_flannel_image(container.image) && options.runs_entrypoint());
}

bool runs_calico_node(const ContainerSpec& container) {
  return container.name == "calico-node" ||
         container.image.find("calico/node") != std::string::npos;
}

// The one that holds net-conf.json: flannel's own ConfigMap when several are used.
std::string choose_config_map(const std::vector<std::string>& names) {
  for (const auto* part : {"flannel", "canal"}) {
    for (const auto& name : names) {
      if (name.find(part) != std::string::npos) return name;
    }
  }
  return names.empty() ? "" : names.front();
}

void read_options(const ContainerSpec& container, Candidate& candidate) {
  const Options options(container);
  candidate.kube_subnet_manager = options.boolean("kube-subnet-mgr").value_or(false);
  candidate.etcd = !candidate.kube_subnet_manager && options.text("etcd-endpoints").has_value();
  candidate.ip_masq = options.boolean("ip-masq");
  candidate.annotation_prefix =
      options.text("kube-annotation-prefix").value_or("flannel.alpha.coreos.com");
}

constexpr std::array<std::string_view, 2> kSystemLabels = {"kubernetes.io/os",
                                                           "beta.kubernetes.io/os"};

bool is_system_label(std::string_view key) {
  return std::find(kSystemLabels.begin(), kSystemLabels.end(), key) != kSystemLabels.end();
}

// The one that a term asks for; empty when it leaves that open.
std::string system_of(const api::NodeSelectorTerm& term) {
  for (const auto& wanted : term.labels) {
    if (is_system_label(wanted.key) && wanted.op == "In" && wanted.values.size() == 1)
      return wanted.values.front();
  }
  return {};
}

// A set of another operating system says so, in one of the two ways there are.
std::string system_of(const api::DaemonSet& set) {
  for (const auto& [key, value] : set.node_selector) {
    if (is_system_label(key)) return value;
  }
  std::string system;
  for (const auto& term : set.node_affinity.value_or(api::NodeSelectorTerms{})) {
    system = system_of(term);
    if (system.empty() || system == "linux") return "linux";
  }
  return system.empty() ? "linux" : system;
}

}  // namespace

std::string_view to_string(Flavour flavour) {
  return flavour == Flavour::Canal ? "Canal" : "Flannel";
}

std::optional<Candidate> recognise(const api::DaemonSet& set) {
  const auto& containers = set.containers;
  const auto flannel = std::find_if(containers.begin(), containers.end(), runs_flannel);
  if (flannel == containers.end()) return std::nullopt;
  Candidate candidate;
  candidate.key = api::key_of(set.meta);
  const bool canal = std::any_of(containers.begin(), containers.end(), runs_calico_node);
  candidate.flavour = canal ? Flavour::Canal : Flavour::Flannel;
  candidate.image = flannel->image;
  candidate.version = image_version(flannel->image);
  candidate.config_map = choose_config_map(set.config_maps);
  read_options(*flannel, candidate);
  candidate.os = system_of(set);
  candidate.addon_manager = set.meta.label(api::kAddonManagerLabel) != nullptr;
  candidate.managed_by = managed_by(set.meta);
  return candidate;
}

bool same_installation(const Candidate& a, const Candidate& b) {
  return a.key.ns == b.key.ns && a.config_map == b.config_map && a.flavour == b.flavour &&
         a.os == b.os;
}

std::optional<bool> version_at_least(std::string_view version, std::string_view least) {
  const auto left = parse_version(version);
  const auto right = parse_version(least);
  if (!left || !right) return std::nullopt;
  return *left >= *right;
}

}  // namespace flannel
