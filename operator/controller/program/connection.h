// Finds the API server: by the command line, the environment or the pod we run in.
#pragma once

#include "controller/program/options.h"
#include "kube/client_config.h"
#include "kube/http_transport.h"

#include <memory>
#include <string>

namespace controller {

base::Result<kube::ClientConfig> find_api_server(const Options& options);
base::Result<std::unique_ptr<kube::HttpTransport>> connect(const kube::ClientConfig& config,
                                                           unsigned keep_idle);
// --namespace, else the pod's own, else the product's default.
std::string own_namespace(const Options& options);

}  // namespace controller
