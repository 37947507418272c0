#include "kube/tls_credentials.h"

#include "net/ip_address.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <algorithm>

namespace kube {
namespace {

using base::ErrorKind;

// Without it OpenSSL would ask for a passphrase on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

TlsCredentials::Bio TlsCredentials::memory(const std::string& pem) {
  return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
}

base::Result<std::vector<TlsCredentials::Certificate>> TlsCredentials::read_certificates(
    const std::string& pem) {
  std::vector<Certificate> found;
  const Bio bio = memory(pem);
  while (X509* certificate = PEM_read_bio_X509(bio.get(), nullptr, no_passphrase, nullptr)) {
    found.emplace_back(certificate);
  }
  // The end of the text is reported as one error, and what cannot be read as another.
  const bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (!whole) {
    return base::fail(ErrorKind::Invalid,
                      fmt::format("certificate {} of it cannot be read", found.size() + 1));
  }
  if (found.empty()) return base::fail(ErrorKind::Invalid, "it holds no PEM certificate");
  return found;
}

base::Result<TlsCredentials> TlsCredentials::load(const ClientConfig& config) {
  TlsCredentials credentials;
  auto authorities = load_authorities(config.ca_pem);
  if (!authorities) return tl::unexpected(authorities.error());
  credentials.authorities_ = std::move(*authorities);
  if (auto loaded = credentials.load_client(config); !loaded) {
    return tl::unexpected(loaded.error());
  }
  return credentials;
}

base::Result<TlsCredentials::Store> TlsCredentials::load_authorities(const std::string& pem) {
  Store store(X509_STORE_new());
  if (pem.empty()) {
    X509_STORE_set_default_paths(store.get());
    return store;
  }
  const auto certificates = read_certificates(pem);
  if (!certificates)
    return tl::unexpected(
        certificates.error().with_context("the API server's certificate authority"));
  for (const Certificate& certificate : *certificates) {
    if (X509_STORE_add_cert(store.get(), certificate.get()) == 1) continue;
    ERR_clear_error();
    return base::fail(ErrorKind::Internal, "OpenSSL does not accept a certificate authority");
  }
  return store;
}

base::Result<void> TlsCredentials::load_client(const ClientConfig& config) {
  if (config.client_certificate_pem.empty() && config.client_key_pem.empty()) return {};
  auto chain = read_certificates(config.client_certificate_pem);
  if (!chain) return tl::unexpected(chain.error().with_context("the client certificate"));
  chain_ = std::move(*chain);
  const Bio bio = memory(config.client_key_pem);
  key_.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  ERR_clear_error();
  if (!key_) {
    return base::fail(ErrorKind::Invalid,
                      "the client key holds no PEM private key, or one with a passphrase");
  }
  if (X509_check_private_key(chain_.front().get(), key_.get()) == 1) return {};
  ERR_clear_error();
  return base::fail(ErrorKind::Invalid, "the client key does not belong to the client certificate");
}

base::Result<void> TlsCredentials::install(SSL_CTX* context, const std::string& host) const {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);  // an idle watch holds no buffers
  SSL_CTX_set1_cert_store(context, authorities_.get());
  X509_VERIFY_PARAM* const parameters = SSL_CTX_get0_param(context);
  // Every certificate that is given is trusted, an intermediate one too, as Go's clients do.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  const bool is_address = net::IpAddress::parse(host).has_value();
  const int named = is_address ? X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str())
                               : X509_VERIFY_PARAM_set1_host(parameters, host.data(), host.size());
  if (named == 1 && install_client(context)) return {};
  ERR_clear_error();
  return base::fail(ErrorKind::Internal, "OpenSSL does not accept the TLS settings");
}

bool TlsCredentials::install_client(SSL_CTX* context) const {
  if (chain_.empty()) return true;
  const bool ours = SSL_CTX_use_certificate(context, chain_.front().get()) == 1 &&
                    SSL_CTX_use_PrivateKey(context, key_.get()) == 1;
  return ours && std::all_of(chain_.begin() + 1, chain_.end(), [&](const Certificate& above) {
           return SSL_CTX_add1_chain_cert(context, above.get()) == 1;
         });
}

}  // namespace kube
