// Recognises how flannel is installed, by what a DaemonSet runs and never by its name (README.md,
// Where it runs).
#pragma once

#include "api/daemon_set.h"
#include "flannel/environment.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flannel {

enum class Flavour { Flannel, Canal };
std::string_view to_string(Flavour flavour);

// The ways in which a container shows that it runs flanneld; the surest first.
enum class Sign { Program, SubnetManager, Mounts, Image, None };

// A DaemonSet that runs flanneld.
struct Candidate {
  api::ObjectKey key;
  Flavour flavour = Flavour::Flannel;
  Sign sign = Sign::Program;  // None: the user says so
  std::string image;
  std::string version;       // of the image tag, "0.28.4"; empty when the tag is none
  std::string config_map;    // that holds net-conf.json; empty when none does
  std::string config_key;    // in it
  std::string config_place;  // where net-conf.json is when no ConfigMap has it: "Secret x"
  std::vector<std::string> config_maps;  // all that the set mounts, or takes variables from
  bool kube_subnet_manager = false;
  bool etcd = false;  // there is no subnet manager; false also when that could not be read
  std::optional<bool> ip_masq;
  std::string annotation_prefix;  // the option's value, default flannel.alpha.coreos.com
  api::StringMap unread;          // by option: where its value is, when it could not be read
  std::string os = "linux";       // of the nodes that it is for
  bool addon_manager = false;     // label addonmanager.kubernetes.io/mode
  std::string managed_by;  // Helm release, HelmChart, Argo CD, Flux: would restore it; empty when
                           // the set names none
  bool operator==(const Candidate&) const = default;
};

// nullopt when the set does not run flanneld. A container runs flanneld when its command says so,
// when it is given --kube-subnet-mgr, when it mounts what flanneld reads and writes, or when its
// image is flannel's own; a set of the Canal flavour runs calico-node beside it.
std::optional<Candidate> recognise(const api::DaemonSet& set,
                                   const FindConfigMap& find = no_config_map);
// Reads a set that the user has named as flannel's, even if it does not look like flannel.
Candidate take(const api::DaemonSet& set, const FindConfigMap& find = no_config_map);
// False when it cannot run flanneld, which has to leave a file on the node.
bool may_run_flannel(const api::DaemonSet& set);

// True if several sets are one installation, whatever their names: one per architecture, or per
// kind of node (same namespace, ConfigMap, flavour and operating system).
bool same_installation(const Candidate& a, const Candidate& b);

// True if the installation is for Linux nodes. One for Windows never moves, and is never confused
// with theirs.
bool is_for_linux(const Candidate& candidate);

// "v0.9.1" <= "0.28.4-amd64"? Compares major.minor.patch; nullopt when either cannot be read.
std::optional<bool> version_at_least(std::string_view version, std::string_view least);

}  // namespace flannel
