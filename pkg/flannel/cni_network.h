// What flannel's ConfigMap says about its CNI configuration.
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
// What of it the migration cannot follow (cni_plugin.h); empty where there is nothing, or the
// ConfigMap does not say.
std::string cni_problem(const json::StringMap& config_map);

// The plugins that are run, by type: "flannel", "portmap"; not those that one of them calls.
std::vector<std::string> cni_plugins(const json::StringMap& config_map);

}  // namespace flannel
