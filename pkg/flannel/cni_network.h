// Reads the CNI configuration in flannel's ConfigMap.
#pragma once

#include "json/value.h"

#include <string>
#include <vector>

namespace flannel {

// The name of the network, which host-local's folder of leases has too: "cbr0", on Canal
// "k8s-pod-network"; empty where the ConfigMap does not say.
std::string cni_network(const json::StringMap& config_map);
// The folder below which host-local has one folder a network (ipam.dataDir); empty where the
// ConfigMap names none, which is host-local's default.
std::string cni_lease_folder(const json::StringMap& config_map);
// Names what the migration cannot handle in the configuration (cni_plugin.h); empty when there is
// nothing, or when the ConfigMap has no configuration.
std::string cni_problem(const json::StringMap& config_map);

// Types of the plugins in the configuration: "flannel", "portmap"; plugins that these call are left
// out.
std::vector<std::string> cni_plugins(const json::StringMap& config_map);

}  // namespace flannel
