// Certificates made on the spot: an authority, and what it signs.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace fakes {

struct FreeOpenSsl {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(BIO* x) const { BIO_free_all(x); }
};
using CertificatePtr = std::unique_ptr<X509, FreeOpenSsl>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeOpenSsl>;

struct Identity {
  CertificatePtr certificate;
  KeyPtr key;

  std::string certificate_pem() const {
    const std::unique_ptr<BIO, FreeOpenSsl> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate.get());
    return text_of(bio.get());
  }
  std::string key_pem() const {
    const std::unique_ptr<BIO, FreeOpenSsl> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return text_of(bio.get());
  }

 private:
  static std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(size)};
  }
};

class CertificateAuthority {
 public:
  explicit CertificateAuthority(const std::string& name)
      : self_(make(name, "CA:TRUE", NID_basic_constraints, nullptr)) {}

  std::string pem() const { return self_.certificate_pem(); }

  // `names` as OpenSSL writes them: "DNS:api.example.org,IP:127.0.0.1". Empty: none at all.
  Identity sign(const std::string& common_name, const std::string& names) const {
    return make(common_name, names, NID_subject_alt_name, &self_);
  }

 private:
  static void add_extension(X509* certificate, int id, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str());
    if (extension == nullptr) throw std::runtime_error("bad extension " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  }

  static Identity make(const std::string& common_name, const std::string& extension, int id,
                       const Identity* issuer) {
    static long serial = 1;
    Identity made{CertificatePtr(X509_new()), KeyPtr(EVP_EC_gen("P-256"))};
    X509* const certificate = made.certificate.get();
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial++);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(certificate,
                         X509_get_subject_name(issuer ? issuer->certificate.get() : certificate));
    if (!extension.empty()) add_extension(certificate, id, extension);
    X509_sign(certificate, issuer ? issuer->key.get() : made.key.get(), EVP_sha256());
    return made;
  }

  Identity self_;
};

}  // namespace fakes
