#include "kube/in_cluster.h"

#include "kube/files.h"
#include "kube/server_address.h"

#include <fmt/format.h>

namespace kube {
namespace {

std::string trimmed(std::string text) {
  text.erase(text.find_last_not_of(" \t\r\n") + 1);
  return text;
}

std::string server_of(const InClusterOptions& options) {
  const bool v6 = options.service_host.find(':') != std::string::npos;
  const std::string host = v6 ? "[" + options.service_host + "]" : options.service_host;
  return fmt::format("https://{}:{}", host, options.service_port);
}

base::Failure missing(const base::Error& error) {
  return base::fail(
      base::ErrorKind::Invalid,
      fmt::format("{}; is automountServiceAccountToken off for this pod?", error.message));
}

}  // namespace

base::Result<ClientConfig> load_in_cluster(const InClusterOptions& options) {
  if (options.service_host.empty() || options.service_port.empty()) {
    return base::fail(base::ErrorKind::NotFound,
                      "this is no pod: KUBERNETES_SERVICE_HOST and _PORT are not set");
  }
  ClientConfig config;
  config.server = server_of(options);
  if (auto address = parse_server_address(config.server); !address) {
    return tl::unexpected(address.error());
  }
  config.ca_file = options.folder + "/ca.crt";
  auto authority = read_file(config.ca_file);
  if (!authority) return missing(authority.error());
  config.ca_pem = std::move(*authority);
  config.token_file = options.folder + "/token";
  if (auto token = read_file(config.token_file); !token) return missing(token.error());
  if (auto ns = read_file(options.folder + "/namespace"); ns && !trimmed(*ns).empty()) {
    config.default_namespace = trimmed(*ns);
  }
  return config;
}

}  // namespace kube
