// The configuration that Kubernetes gives to a pod: its ServiceAccount's files and two environment
// variables.
#pragma once

#include "base/error.h"
#include "kube/client_config.h"

#include <string>

namespace kube {

struct InClusterOptions {
  std::string service_host;  // $KUBERNETES_SERVICE_HOST
  std::string service_port;  // $KUBERNETES_SERVICE_PORT
  std::string folder = "/var/run/secrets/kubernetes.io/serviceaccount";
};

// NotFound outside of a pod, Invalid when the ServiceAccount's files are missing.
base::Result<ClientConfig> load_in_cluster(const InClusterOptions& options);

}  // namespace kube
