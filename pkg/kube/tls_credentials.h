// Certificates and keys of a ClientConfig as OpenSSL objects, shared by all connections of a
// transport.
#pragma once

#include "base/error.h"
#include "kube/client_config.h"

#include <openssl/ssl.h>

#include <memory>
#include <vector>

namespace kube {

class TlsCredentials {
 public:
  // Invalid when a PEM text cannot be read, in whole or in part, or the client key does not belong
  // to the client certificate.
  static base::Result<TlsCredentials> load(const ClientConfig& config);

  // Makes every connection of `context` trust only our certificate authorities, verify the server's
  // certificate against `host` (a name or an address, as it is in the certificate) during the
  // handshake, and show our client certificate.
  base::Result<void> install(SSL_CTX* context, const std::string& host) const;

 private:
  template <auto Free>
  struct Deleter {
    template <typename T>
    void operator()(T* object) const {
      Free(object);
    }
  };
  using Store = std::unique_ptr<X509_STORE, Deleter<X509_STORE_free>>;
  using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
  using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
  using Bio = std::unique_ptr<BIO, Deleter<BIO_free_all>>;

  static Bio memory(const std::string& pem);
  // Reads all certificates in it, at least one.
  static base::Result<std::vector<Certificate>> read_certificates(const std::string& pem);
  static base::Result<Store> load_authorities(const std::string& pem);
  base::Result<void> load_client(const ClientConfig& config);
  bool install_client(SSL_CTX* context) const;

  Store authorities_;
  std::vector<Certificate> chain_;  // ours first; empty without a client certificate
  Key key_;
};

}  // namespace kube
