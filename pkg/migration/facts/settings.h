// flannel's configuration as it is in force: the user's values take precedence, then those found in
// the cluster, then flannel's own defaults; and for each value where it came from.
#pragma once

#include "api/migration_spec.h"
#include "api/migration_status.h"
#include "flannel/install.h"
#include "flannel/net_conf.h"
#include "flannel/subnet_env.h"
#include "net/cidr.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace migration {

// A value that the user gives, and what the cluster says instead.
struct Difference {
  std::string name;  // of the field of spec.flannel
  std::string given;
  std::string source;
  std::string observed;
  bool operator==(const Difference&) const = default;
};

struct Settings {
  std::optional<net::Cidr> network;
  std::optional<net::Cidr> ipv6_network;
  int subnet_length = 24;
  int ipv6_subnet_length = 64;
  std::optional<int> mtu;  // of the tunnel device; nullopt until an agent has looked at a node
  bool ip_masq = true;
  std::string annotation_prefix;  // with its separator, see flannel::annotation_prefix
  int vni = 1;
  int port = 8472;
  std::string backend;
  bool direct_routing = false;
  bool gbp = false;
  std::vector<api::DetectedValue> detected;
  std::vector<Difference> differences;

  // True if the CIDR lies in flannel's network of its family.
  bool cover(const net::Cidr& cidr) const {
    return (network && network->contains(cidr)) || (ipv6_network && ipv6_network->contains(cidr));
  }
  bool operator==(const Settings&) const = default;
};

// The settings that a migration began with. Empty: none has begun, or they are not known.
using KeptSettings = std::vector<api::DetectedValue>;
// Returns nullptr if the setting is not among them.
const api::DetectedValue* find_setting(const std::vector<api::DetectedValue>& settings,
                                       std::string_view name);

// Everything a value can come from; an absent part was not found.
struct SettingSources {
  KeptSettings kept;
  const api::FlannelSpec* spec = nullptr;
  const flannel::Candidate* install = nullptr;
  const flannel::NetConf* net_conf = nullptr;
  std::string net_conf_source;       // "ConfigMap kube-flannel/kube-flannel-cfg"
  std::optional<int> annotated_vni;  // from the nodes' annotations
  std::optional<int> felix_mtu;      // written by us earlier, or by an upstream Job
  std::optional<flannel::SubnetEnv> subnet_env;
  std::string subnet_env_source;  // "subnet.env on node w1"
  std::optional<int> tunnel_mtu;  // of flannel's device, where it can be seen
  std::string tunnel_mtu_source;
  std::vector<net::Cidr> pod_cidrs;  // of some node: shows the subnet length in use
};

Settings resolve_settings(const SettingSources& sources);

}  // namespace migration
