#include "flannel/install.h"

#include "api/names.h"
#include "flannel/configuration_place.h"
#include "flannel/image.h"
#include "flannel/managed_by.h"
#include "flannel/options.h"
#include "flannel/version.h"

#include <algorithm>
#include <array>

namespace flannel {
namespace {

using api::ContainerSpec;

// flanneld writes this file for the CNI plugin on the node.
constexpr std::string_view kSubnetFile = "/run/flannel/subnet.env";

bool can_write(const ContainerSpec& container, const Options& options) {
  for (const auto& path : {options.text("subnet-file").value_or(std::string(kSubnetFile)),
                           "/var" + std::string(kSubnetFile)}) {
    const auto* mount = find_mount(container, path);
    if (mount != nullptr && !mount->read_only) return true;
  }
  return false;
}

std::string net_config_path(const Options& options) {
  return options.text("net-config-path").value_or(std::string(kNetConfigPath));
}

bool mounts_configuration(const ContainerSpec& container, const Options& options) {
  return find_mount(container, net_config_path(options)) != nullptr &&
         can_write(container, options);
}

// A flannel image with a command of another program, such as cp or sh, only installs files.
Sign sign_of(const ContainerSpec& container, const FindConfigMap& find) {
  const Options options(container, find);
  if (options.runs_flanneld()) return Sign::Program;
  if (options.has("kube-subnet-mgr")) return Sign::SubnetManager;
  if (mounts_configuration(container, options)) return Sign::Mounts;
  const bool own = is_flannel_image(container.image) && options.runs_entrypoint();
  return own ? Sign::Image : Sign::None;
}

bool runs_calico_node(const ContainerSpec& container) {
  return container.name == "calico-node" ||
         container.image.find("calico/node") != std::string::npos;
}

// Returns, for a set in which no container shows flanneld, the container with flannel in its name
// or image, else the first one.
const ContainerSpec* likeliest(const api::DaemonSet& set) {
  const auto& all = set.containers;
  const auto named = std::find_if(all.begin(), all.end(), [](const auto& one) {
    return !runs_calico_node(one) && (one.name.find("flannel") != std::string::npos ||
                                      one.image.find("flannel") != std::string::npos);
  });
  if (named != all.end()) return &*named;
  return all.empty() ? nullptr : &all.front();
}

struct Found {
  const ContainerSpec* container = nullptr;
  Sign sign = Sign::None;
};

Found find_flanneld(const api::DaemonSet& set, const FindConfigMap& find) {
  Found best;
  for (const auto& container : set.containers) {
    const auto sign = sign_of(container, find);
    if (sign < best.sign) best = {&container, sign};
  }
  return best;
}

bool is_of_talos(const api::DaemonSet& set) {
  const auto of_talos = [](const ContainerSpec& one) {
    return one.image.find("siderolabs/") != std::string::npos;
  };
  return std::any_of(set.containers.begin(), set.containers.end(), of_talos) ||
         std::any_of(set.init_containers.begin(), set.init_containers.end(), of_talos);
}

constexpr std::array<std::string_view, 4> kOptionsRead = {
    "kube-subnet-mgr", "ip-masq", "kube-annotation-prefix", "net-config-path"};

void read_options(const Options& options, Candidate& candidate) {
  candidate.kube_subnet_manager = options.boolean("kube-subnet-mgr").value_or(false);
  candidate.ip_masq = options.boolean("ip-masq");
  candidate.annotation_prefix =
      options.text("kube-annotation-prefix").value_or("flannel.alpha.coreos.com");
  for (const auto name : kOptionsRead) {
    auto where = options.unread(name);
    if (!where.empty()) candidate.unread.emplace(name, std::move(where));
  }
  // Without the subnet manager flanneld keeps its leases in etcd.
  candidate.etcd = !candidate.kube_subnet_manager && !candidate.unread.contains("kube-subnet-mgr");
}

void read_container(const api::DaemonSet& set, const ContainerSpec& container,
                    const FindConfigMap& find, Candidate& candidate) {
  const Options options(container, find);
  candidate.image = container.image;
  candidate.version = image_version(container.image);
  read_options(options, candidate);
  auto place = find_configuration(set, container, net_config_path(options), find);
  candidate.config_map = std::move(place.config_map);
  candidate.config_key = std::move(place.key);
  candidate.config_place = std::move(place.other);
}

constexpr std::array<std::string_view, 2> kSystemLabels = {"kubernetes.io/os",
                                                           "beta.kubernetes.io/os"};

bool is_system_label(std::string_view key) {
  return std::find(kSystemLabels.begin(), kSystemLabels.end(), key) != kSystemLabels.end();
}

// The operating system that the term requires; empty when it requires none.
std::string system_of(const api::NodeSelectorTerm& term) {
  for (const auto& wanted : term.labels) {
    if (is_system_label(wanted.key) && wanted.op == "In" && wanted.values.size() == 1)
      return wanted.values.front();
  }
  return {};
}

// A set for another operating system says so by its node selector or its node affinity; without
// either it is Linux.
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

std::optional<Candidate> recognise(const api::DaemonSet& set, const FindConfigMap& find) {
  if (find_flanneld(set, find).container == nullptr) return std::nullopt;
  return take(set, find);
}

Candidate take(const api::DaemonSet& set, const FindConfigMap& find) {
  const auto& containers = set.containers;
  Candidate candidate;
  candidate.key = api::key_of(set.meta);
  const bool canal = std::any_of(containers.begin(), containers.end(), runs_calico_node);
  candidate.flavour = canal ? Flavour::Canal : Flavour::Flannel;
  const auto found = find_flanneld(set, find);
  candidate.sign = found.sign;
  const auto* container = found.container != nullptr ? found.container : likeliest(set);
  if (container != nullptr) read_container(set, *container, find, candidate);
  candidate.config_maps = set.config_maps;
  candidate.os = system_of(set);
  candidate.addon_manager = set.meta.label(api::kAddonManagerLabel) != nullptr;
  candidate.managed_by = managed_by(set.meta);
  // Talos leaves no mark but its images.
  if (candidate.managed_by.empty() && is_of_talos(set)) candidate.managed_by = "Talos";
  return candidate;
}

bool may_run_flannel(const api::DaemonSet& set) {
  return std::any_of(set.host_paths.begin(), set.host_paths.end(), [](const auto& path) {
    return path.starts_with("/run/flannel") || path.starts_with("/var/run/flannel");
  });
}

bool same_installation(const Candidate& a, const Candidate& b) {
  return a.key.ns == b.key.ns && a.config_map == b.config_map && a.config_place == b.config_place &&
         a.flavour == b.flavour && a.os == b.os;
}

bool is_for_linux(const Candidate& candidate) { return candidate.os == "linux"; }

std::optional<bool> version_at_least(std::string_view version, std::string_view least) {
  const auto left = parse_version(version);
  const auto right = parse_version(least);
  if (!left || !right) return std::nullopt;
  return *left >= *right;
}

}  // namespace flannel
