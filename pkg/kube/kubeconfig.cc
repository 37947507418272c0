#include "kube/kubeconfig.h"

#include "json/value.h"
#include "kube/bearer_token.h"
#include "kube/files.h"
#include "kube/server_address.h"
#include "yaml/parse.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
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

// A kubeconfig file while it is read. Errors name the file.
class File {
 public:
  File(json::View root, std::string path, const ReadFile& read)
      : root_(root), path_(std::move(path)), read_(read) {}

  base::Result<ClientConfig> load(const std::string& wanted_context) const;

 private:
  struct Pem {
    std::string text;
    std::string file;  // where it was read; empty when the kubeconfig holds it
  };

  base::Failure invalid(std::string_view what) const {
    return base::fail(ErrorKind::Invalid, fmt::format("kubeconfig {}: {}", path_, what));
  }
  base::Result<json::View> named(const char* list, const char* member,
                                 const std::string& name) const;
  base::Result<void> load_cluster(json::View cluster, ClientConfig& config) const;
  base::Result<void> load_user(json::View user, const std::string& name,
                               ClientConfig& config) const;
  base::Result<Pem> pem(json::View node, const std::string& key) const;
  std::string resolve(const std::string& path) const;

  const json::View root_;
  std::string path_;
  const ReadFile& read_;
};

// True also for a member without a value.
bool has(json::View object, std::string_view key) {
  const auto members = object.members();
  return std::any_of(members.begin(), members.end(),
                     [&](const auto& member) { return member.first == key; });
}

template <std::size_t N>
const Refused* first_refused(json::View object, const std::array<Refused, N>& keys) {
  for (const Refused& refused : keys) {
    if (has(object, refused.key)) return &refused;
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

base::Result<json::View> File::named(const char* list, const char* member,
                                     const std::string& name) const {
  for (const json::View entry : root_[list].items()) {
    if (entry["name"].string() == name && has(entry, member)) return entry[member];
  }
  return invalid(fmt::format("there is no {} named \"{}\"", member, name));
}

base::Result<ClientConfig> File::load(const std::string& wanted_context) const {
  const std::string name =
      wanted_context.empty() ? root_["current-context"].string() : wanted_context;
  if (name.empty()) return invalid("it has no current-context; choose one with --context");
  const auto context = named("contexts", "context", name);
  if (!context) return tl::unexpected(context.error());
  const std::string user_name = (*context)["user"].string();
  const auto cluster = named("clusters", "cluster", (*context)["cluster"].string());
  if (!cluster) return tl::unexpected(cluster.error());
  const auto user = named("users", "user", user_name);
  if (!user) return tl::unexpected(user.error());

  ClientConfig config;
  if (auto done = load_cluster(*cluster, config); !done) return tl::unexpected(done.error());
  if (auto done = load_user(*user, user_name, config); !done) return tl::unexpected(done.error());
  const std::string ns = (*context)["namespace"].string();
  if (!ns.empty()) config.default_namespace = ns;
  return config;
}

base::Result<void> File::load_cluster(json::View cluster, ClientConfig& config) const {
  if (const Refused* refused = first_refused(cluster, kRefusedInCluster)) {
    return invalid(fmt::format("{}: {}; {}", refused->key, refused->why, refused->fix));
  }
  if (cluster["insecure-skip-tls-verify"].string_view() == "true") {
    return invalid(
        "insecure-skip-tls-verify is refused, as anybody could pose as the API server; set "
        "certificate-authority, and tls-server-name when the certificate has another name");
  }
  config.server = cluster["server"].string();
  if (const auto address = parse_server_address(config.server); !address) {
    return invalid(address.error().message);
  }
  config.tls_server_name = cluster["tls-server-name"].string();
  auto authority = pem(cluster, "certificate-authority");
  if (!authority) return tl::unexpected(authority.error());
  config.ca_pem = std::move(authority->text);
  config.ca_file = std::move(authority->file);
  return {};
}

base::Result<void> File::load_user(json::View user, const std::string& name,
                                   ClientConfig& config) const {
  if (const Refused* refused = first_refused(user, kRefusedInUser)) {
    return invalid(
        fmt::format("user \"{}\": {} {}; {}", name, refused->key, refused->why, refused->fix));
  }
  auto certificate = pem(user, "client-certificate");
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = pem(user, "client-key");
  if (!key) return tl::unexpected(key.error());
  config.client_certificate_pem = std::move(certificate->text);
  config.client_certificate_file = std::move(certificate->file);
  config.client_key_pem = std::move(key->text);
  config.client_key_file = std::move(key->file);
  config.token = user["token"].string();
  if (auto good = check_token(config.token); !good)
    return invalid(fmt::format("user \"{}\": token {}", name, good.error().message));
  config.token_file = resolve(user["tokenFile"].string());
  return {};
}

// "<key>-data" as base64 wins over "<key>" as a path, as in client-go.
base::Result<File::Pem> File::pem(json::View node, const std::string& key) const {
  const std::string data = node[key + "-data"].string();
  if (!data.empty()) {
    auto decoded = decode_base64(data);
    if (!decoded) return invalid(fmt::format("{}-data {}", key, decoded.error().message));
    return Pem{std::move(*decoded), {}};
  }
  const std::string file = resolve(node[key].string());
  if (file.empty()) return Pem{};
  auto text = read_(file);
  if (!text) return invalid(fmt::format("{}: {}", key, text.error().message));
  return Pem{std::move(*text), file};
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
  const auto document = yaml::parse(text, yaml::Use::Secrets);
  if (!document)
    return tl::unexpected(document.error().with_context(fmt::format("kubeconfig {}", path)));
  if (document->root().is_object()) return File(document->root(), path, read_file).load(context);
  return base::fail(ErrorKind::Invalid, fmt::format("kubeconfig {}: it is no mapping", path));
}

}  // namespace kube
