#include "kube/kubeconfig.h"

#include "kube/files.h"
#include "kube/server_address.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <yaml-cpp/yaml.h>

#include <array>
#include <filesystem>

namespace kube {
namespace {

using base::ErrorKind;

constexpr std::string_view kTokenHint =
    "use a ServiceAccount's token instead: kubectl create token NAME -n NAMESPACE, and put it "
    "into the user as \"token\"";

// Ways to log in that we refuse, and what to do about each.
struct Refused {
  std::string_view key;
  std::string_view why;
  std::string_view fix;
};

constexpr std::array<Refused, 5> kRefusedInUser{{
    {"exec", "would start another program to log in", kTokenHint},
    {"auth-provider", "is a way to log in that Kubernetes has removed", kTokenHint},
    {"username", "is a way to log in that Kubernetes has removed", kTokenHint},
    {"password", "is a way to log in that Kubernetes has removed", kTokenHint},
    {"as", "impersonation is not supported", "use the credentials of that user"},
}};

constexpr std::array<Refused, 1> kRefusedInCluster{{
    {"proxy-url", "proxies are not supported", "run the program where the server is reachable"},
}};

// One file while it is read. Errors name the file.
class File {
 public:
  File(const YAML::Node& root, std::string path, const ReadFile& read)
      : root_(root), path_(std::move(path)), read_(read) {}

  base::Result<ClientConfig> load(const std::string& wanted_context) const;

 private:
  base::Failure invalid(std::string_view what) const {
    return base::fail(ErrorKind::Invalid, fmt::format("kubeconfig {}: {}", path_, what));
  }
  base::Result<YAML::Node> named(const char* list, const char* member,
                                 const std::string& name) const;
  base::Result<void> load_cluster(const YAML::Node& cluster, ClientConfig& config) const;
  base::Result<void> load_user(const YAML::Node& user, const std::string& name,
                               ClientConfig& config) const;
  base::Result<std::string> pem(const YAML::Node& node, const std::string& key) const;
  std::string resolve(const std::string& path) const;

  const YAML::Node& root_;
  std::string path_;
  const ReadFile& read_;
};

std::string text_of(const YAML::Node& node, const std::string& key) {
  const YAML::Node value = node.IsMap() ? node[key] : YAML::Node();
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

template <std::size_t N>
const Refused* first_refused(const YAML::Node& node, const std::array<Refused, N>& keys) {
  for (const Refused& refused : keys) {
    if (node.IsMap() && node[std::string(refused.key)]) return &refused;
  }
  return nullptr;
}

base::Result<std::string> decode_base64(const std::string& text) {
  std::string packed;
  for (const char c : text) {
    if (c != '\n' && c != '\r' && c != ' ') packed += c;
  }
  std::string decoded(packed.size() / 4 * 3 + 3, '\0');
  const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(decoded.data()),
                                     reinterpret_cast<const unsigned char*>(packed.data()),
                                     static_cast<int>(packed.size()));
  if (length < 0 || packed.empty()) return base::fail(ErrorKind::Invalid, "is no base64");
  // EVP_DecodeBlock counts the padding as zero bytes.
  const std::size_t padding = packed.ends_with("==") ? 2 : packed.ends_with("=") ? 1 : 0;
  decoded.resize(static_cast<std::size_t>(length) - padding);
  return decoded;
}

base::Result<YAML::Node> File::named(const char* list, const char* member,
                                     const std::string& name) const {
  const YAML::Node entries = root_[list];
  for (std::size_t i = 0; entries && entries.IsSequence() && i < entries.size(); ++i) {
    const YAML::Node entry = entries[i];
    if (text_of(entry, "name") == name && entry[member]) return YAML::Node(entry[member]);
  }
  return invalid(fmt::format("there is no {} named \"{}\"", member, name));
}

base::Result<ClientConfig> File::load(const std::string& wanted_context) const {
  const std::string name =
      wanted_context.empty() ? text_of(root_, "current-context") : wanted_context;
  if (name.empty()) return invalid("it has no current-context; choose one with --context");
  const auto context = named("contexts", "context", name);
  if (!context) return tl::unexpected(context.error());
  const std::string user_name = text_of(*context, "user");
  const auto cluster = named("clusters", "cluster", text_of(*context, "cluster"));
  if (!cluster) return tl::unexpected(cluster.error());
  const auto user = named("users", "user", user_name);
  if (!user) return tl::unexpected(user.error());

  ClientConfig config;
  if (auto done = load_cluster(*cluster, config); !done) return tl::unexpected(done.error());
  if (auto done = load_user(*user, user_name, config); !done) return tl::unexpected(done.error());
  const std::string ns = text_of(*context, "namespace");
  if (!ns.empty()) config.default_namespace = ns;
  return config;
}

base::Result<void> File::load_cluster(const YAML::Node& cluster, ClientConfig& config) const {
  if (const Refused* refused = first_refused(cluster, kRefusedInCluster)) {
    return invalid(fmt::format("{}: {}; {}", refused->key, refused->why, refused->fix));
  }
  if (text_of(cluster, "insecure-skip-tls-verify") == "true") {
    return invalid(
        "insecure-skip-tls-verify is refused, as anybody could pose as the API server; set "
        "certificate-authority, and tls-server-name when the certificate has another name");
  }
  config.server = text_of(cluster, "server");
  if (const auto address = parse_server_address(config.server); !address) {
    return invalid(address.error().message);
  }
  config.tls_server_name = text_of(cluster, "tls-server-name");
  auto authority = pem(cluster, "certificate-authority");
  if (!authority) return tl::unexpected(authority.error());
  config.ca_pem = std::move(*authority);
  return {};
}

base::Result<void> File::load_user(const YAML::Node& user, const std::string& name,
                                   ClientConfig& config) const {
  if (const Refused* refused = first_refused(user, kRefusedInUser)) {
    return invalid(
        fmt::format("user \"{}\": {} {}; {}", name, refused->key, refused->why, refused->fix));
  }
  auto certificate = pem(user, "client-certificate");
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = pem(user, "client-key");
  if (!key) return tl::unexpected(key.error());
  config.client_certificate_pem = std::move(*certificate);
  config.client_key_pem = std::move(*key);
  config.token = text_of(user, "token");
  config.token_file = resolve(text_of(user, "tokenFile"));
  return {};
}

// "<key>-data" as base64 wins over "<key>" as a path, as in client-go.
base::Result<std::string> File::pem(const YAML::Node& node, const std::string& key) const {
  const std::string data = text_of(node, key + "-data");
  if (!data.empty()) {
    auto decoded = decode_base64(data);
    if (!decoded) return invalid(fmt::format("{}-data {}", key, decoded.error().message));
    return decoded;
  }
  const std::string file = text_of(node, key);
  if (file.empty()) return std::string();
  auto text = read_(resolve(file));
  if (!text) return invalid(fmt::format("{}: {}", key, text.error().message));
  return text;
}

std::string File::resolve(const std::string& path) const {
  if (path.empty() || std::filesystem::path(path).is_absolute()) return path;
  return (std::filesystem::path(path_).parent_path() / path).string();
}

}  // namespace

std::vector<std::string> kubeconfig_candidates(const KubeconfigOptions& options) {
  if (!options.path.empty()) return {options.path};
  std::vector<std::string> candidates;
  std::string_view rest = options.environment;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(':'), rest.size());
    if (end > 0) candidates.emplace_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (!candidates.empty()) return candidates;
  if (!options.home.empty()) candidates.push_back(options.home + "/.kube/config");
  return candidates;
}

base::Result<ClientConfig> load_kubeconfig(const KubeconfigOptions& options) {
  std::string tried;
  for (const std::string& path : kubeconfig_candidates(options)) {
    const auto text = read_file(path);
    if (text) return parse_kubeconfig(*text, path, options.context, read_file);
    if (text.error().kind != ErrorKind::NotFound) return tl::unexpected(text.error());
    tried += (tried.empty() ? "" : ", ") + path;
  }
  return base::fail(ErrorKind::NotFound,
                    fmt::format("there is no kubeconfig (looked for: {}); name one with "
                                "--kubeconfig or in $KUBECONFIG",
                                tried.empty() ? "nothing, as $HOME is not set" : tried));
}

base::Result<ClientConfig> parse_kubeconfig(std::string_view text, const std::string& path,
                                            const std::string& context, const ReadFile& read_file) {
  try {
    const YAML::Node root = YAML::Load(std::string(text));
    if (root.IsMap()) return File(root, path, read_file).load(context);
  } catch (const YAML::Exception& error) {
    // Not error.what(): it may quote the file, which holds secrets.
    return base::fail(ErrorKind::Invalid,
                      fmt::format("kubeconfig {}: line {} is no YAML", path, error.mark.line + 1));
  }
  return base::fail(ErrorKind::Invalid, fmt::format("kubeconfig {}: it is no mapping", path));
}

}  // namespace kube
