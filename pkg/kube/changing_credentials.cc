#include "kube/changing_credentials.h"

#include "base/log.h"

namespace kube {
namespace {

bool read(ChangingFile& file, std::string& pem) {
  auto text = file.read_if_changed();
  if (!text || *text == pem) return false;
  pem = std::move(*text);
  return true;
}

// An authority file without a certificate must not lead to trusting the system's authorities.
base::Result<TlsCredentials> load_credentials(const ClientConfig& config) {
  if (config.ca_pem.empty() && !config.ca_file.empty())
    return base::fail(base::ErrorKind::Invalid, config.ca_file + " is empty");
  return TlsCredentials::load(config);
}

}  // namespace

ChangingCredentials::ChangingCredentials(const ClientConfig& config, TlsCredentials loaded)
    : config_(config),
      authority_(config.ca_file),
      certificate_(config.client_certificate_file),
      key_(config.client_key_file),
      credentials_(std::make_shared<const TlsCredentials>(std::move(loaded))) {}

base::Result<std::unique_ptr<ChangingCredentials>> ChangingCredentials::load(
    const ClientConfig& config) {
  auto loaded = load_credentials(config);
  if (!loaded) return tl::unexpected(loaded.error());
  return std::unique_ptr<ChangingCredentials>(new ChangingCredentials(config, std::move(*loaded)));
}

// Looks at all three files, so that none is left for the next time.
bool ChangingCredentials::read_files() {
  const bool authority = read(authority_, config_.ca_pem);
  const bool certificate = read(certificate_, config_.client_certificate_pem);
  const bool key = read(key_, config_.client_key_pem);
  return authority || certificate || key;
}

std::shared_ptr<const TlsCredentials> ChangingCredentials::get() {
  const std::lock_guard lock(mutex_);
  if (!read_files()) return credentials_;
  auto loaded = load_credentials(config_);
  if (loaded) {
    credentials_ = std::make_shared<const TlsCredentials>(std::move(*loaded));
  } else {
    base::log_warn("changed certificates are of no use", {{"error", loaded.error().message}});
  }
  return credentials_;
}

}  // namespace kube
