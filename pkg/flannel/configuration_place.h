// Finds flanneld's net-conf.json: the object, whatever its name, that is mounted at the path of the
// option --net-config-path.
#pragma once

#include "api/daemon_set.h"
#include "flannel/environment.h"

#include <string>

namespace flannel {

inline constexpr std::string_view kNetConfigPath = "/etc/kube-flannel/net-conf.json";

struct ConfigurationPlace {
  std::string config_map;  // empty: it is in none
  std::string key = "net-conf.json";
  std::string other;  // "Secret x", "/etc/x of the node": what is not read
  bool operator==(const ConfigurationPlace&) const = default;
};

// `container` of the set runs flanneld. If its mounts leave the place open (a volume that an init
// container fills), takes the ConfigMap of the set that has the key, preferably one with flannel's
// name.
ConfigurationPlace find_configuration(const api::DaemonSet& set,
                                      const api::ContainerSpec& container, const std::string& path,
                                      const FindConfigMap& find);

// The mount below which the path is; nullptr when it is in the image.
const api::VolumeMount* find_mount(const api::ContainerSpec& container, std::string_view path);

}  // namespace flannel
