#include "controller/program/connection.h"

#include "controller/program/version.h"
#include "kube/in_cluster.h"
#include "kube/kubeconfig.h"

#include <fmt/format.h>

#include <cstdlib>

namespace controller {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

base::Result<kube::ClientConfig> from_kubeconfig(const Options& options) {
  kube::KubeconfigOptions kubeconfig;
  kubeconfig.path = options.kubeconfig;
  kubeconfig.context = options.context;
  kubeconfig.environment = environment("KUBECONFIG");
  kubeconfig.home = environment("HOME");
  return kube::load_kubeconfig(kubeconfig);
}

}  // namespace

base::Result<kube::ClientConfig> find_api_server(const Options& options) {
  const bool named =
      !options.kubeconfig.empty() || !options.context.empty() || !environment("KUBECONFIG").empty();
  if (named) return from_kubeconfig(options);
  kube::InClusterOptions pod;
  pod.service_host = environment("KUBERNETES_SERVICE_HOST");
  pod.service_port = environment("KUBERNETES_SERVICE_PORT");
  auto in_cluster = kube::load_in_cluster(pod);
  if (in_cluster || in_cluster.error().kind != base::ErrorKind::NotFound) return in_cluster;
  return from_kubeconfig(options);
}

base::Result<std::unique_ptr<kube::HttpTransport>> connect(const kube::ClientConfig& config,
                                                           unsigned keep_idle) {
  kube::HttpTransportOptions options;
  options.user_agent = fmt::format("flannel-migration-operator/{}", kProgramVersion);
  options.keep_idle = keep_idle;
  return kube::HttpTransport::make(config, options);
}

std::string own_namespace(const Options& options) {
  if (!options.ns.empty()) return options.ns;
  const auto pod = environment("POD_NAMESPACE");
  return pod.empty() ? "flannel-migration" : pod;
}

}  // namespace controller
