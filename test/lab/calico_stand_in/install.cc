#include "calico_stand_in/install.h"

#include "calico_stand_in/datastore.h"
#include "calico_stand_in/program.h"
#include "kube/files.h"
#include "kube/response.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace stand_in {
namespace {

constexpr const char* kPrograms = "/host/opt/cni/bin/";
constexpr const char* kConfigs = "/host/etc/cni/net.d/";
constexpr const char* kKubeconfig = "/etc/cni/net.d/calico-kubeconfig";
constexpr const char* kCertificate = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt";

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string base64(const std::string& text) {
  std::string encoded(text.size() * 4 / 3 + 8, '\0');
  const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                     reinterpret_cast<const unsigned char*>(text.data()),
                                     static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(length));
  return encoded;
}

// As calico-node: of the account that the variable names.
std::string plugin_account() {
  const char* named = std::getenv("CALICO_CNI_SERVICE_ACCOUNT");
  return named == nullptr ? "calico-cni-plugin" : named;
}

// Not this pod's own token: that one ends with the pod, and the plugin has to work without it.
base::Result<std::string> request_token(kube::Transport& transport) {
  kube::Request request;
  request.method = kube::Method::Post;
  request.path =
      fmt::format("/api/v1/namespaces/kube-system/serviceaccounts/{}/token", plugin_account());
  request.body =
      R"({"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":86400}})";
  request.content_type = "application/json";
  const auto response = transport.send(request);
  if (!response) return tl::unexpected(response.error());
  const auto answer = kube::read_response(request, *response);
  if (!answer) return tl::unexpected(answer.error());
  return (*answer)["status"]["token"].string();
}

base::Result<void> write_kubeconfig(kube::Transport& transport) {
  const auto token = request_token(transport);
  if (!token) return tl::unexpected(token.error());
  const auto certificate = kube::read_file(kCertificate);
  if (!certificate) return tl::unexpected(certificate.error());
  return write_file(
      std::string(kConfigs) + "calico-kubeconfig",
      fmt::format(R"(apiVersion: v1
kind: Config
clusters: [{{name: local, cluster: {{server: "https://{}:{}", certificate-authority-data: "{}"}}}}]
users: [{{name: calico, user: {{token: "{}"}}}}]
contexts: [{{name: calico, context: {{cluster: local, user: calico}}}}]
current-context: calico
)",
                  environment("KUBERNETES_SERVICE_HOST"), environment("KUBERNETES_SERVICE_PORT"),
                  base64(*certificate), *token),
      0600);
}

base::Result<void> copy_programs() {
  std::error_code error;
  for (const auto* name : {"calico", "calico-ipam"}) {
    const auto path = std::string(kPrograms) + name;
    // Running plugins keep the old file.
    std::filesystem::remove(path, error);
    std::filesystem::copy_file("/proc/self/exe", path, error);
    if (error) return base::fail(base::ErrorKind::Internal, path + ": " + error.message());
  }
  return {};
}

base::Result<void> write_config() {
  auto text = environment("CNI_NETWORK_CONFIG");
  if (text.empty()) return base::fail(base::ErrorKind::Invalid, "no CNI_NETWORK_CONFIG");
  replace_all(text, "__KUBERNETES_NODE_NAME__", environment("KUBERNETES_NODE_NAME"));
  replace_all(text, "__KUBECONFIG_FILEPATH__", kKubeconfig);
  replace_all(text, "__CNI_MTU__", environment("CNI_MTU"));
  return write_file(std::string(kConfigs) + environment("CNI_CONF_NAME"), text, 0600);
}

}  // namespace

int install() {
  auto done = copy_programs();
  if (done) {
    const auto transport = connect("");
    done = transport ? write_kubeconfig(**transport) : tl::unexpected(transport.error());
  }
  // The configuration is last: with it the runtime begins to start pods.
  if (done) done = write_config();
  if (done) return 0;
  fmt::print(stderr, "COMPLAINT: {}\n", done.error().message);
  return 1;
}

int upgrade_ipam() {
  // On a plain flannel node there is nothing of this name, and so nothing to do.
  if (!std::filesystem::exists("/var/lib/cni/networks/k8s-pod-network")) return 0;
  fmt::print(stderr, "COMPLAINT: leases of k8s-pod-network would be imported now\n");
  return 1;
}

}  // namespace stand_in
