#include "kube/tls_credentials.h"

#include "kube/in_cluster.h"
#include "unit/kube/tls_peer.h"

#include <catch2/catch.hpp>

#include <filesystem>

using namespace kube;
using base::ErrorKind;

namespace {

const fakes::CertificateAuthority& other_authority() {
  static const fakes::CertificateAuthority instance("other authority");
  return instance;
}

// The same with a broken line of base64.
std::string broken(std::string pem) {
  pem.replace(pem.find('\n') + 10, 3, "!!!");
  return pem;
}

// Well-formed PEM that holds no certificate.
std::string hollow() { return "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"; }

std::string cut(const std::string& pem) { return pem.substr(0, pem.size() / 2); }

// A ServiceAccount's folder, as a pod sees it.
struct Pod {
  fakes::TemporaryFolder folder;

  Pod() {
    folder.write("token", "t");
    folder.write("namespace", "ours");
  }
  void trust(const std::string& pem) const {
    folder.write("new", pem);
    std::filesystem::rename(folder.path() + "/new", folder.path() + "/ca.crt");
  }
  ClientConfig config_for(const fakes::TlsServer& server) const {
    const auto port = std::to_string(server.port());
    return load_in_cluster({"127.0.0.1", port, folder.path()}).value();
  }
  std::unique_ptr<HttpTransport> connect_to(const fakes::TlsServer& server) const {
    return connect(config_for(server));
  }
};

}  // namespace

TEST_CASE("certificates of an authority are all read, or none is") {
  const std::string good = authority().pem();
  const std::string other = other_authority().pem();
  ClientConfig config;
  config.ca_pem = "a comment\n" + good + "\nanother\n" + other + "an end\n";
  CHECK(TlsCredentials::load(config));
  for (const auto& bad : {broken(good), hollow(), cut(good)}) {
    for (const auto& text : {bad, bad + other, other + bad, other + bad + other}) {
      CAPTURE(text);
      config.ca_pem = text;
      const auto loaded = TlsCredentials::load(config);
      REQUIRE_FALSE(loaded);
      CHECK(loaded.error().kind == ErrorKind::Invalid);
      CHECK_THAT(loaded.error().message, Catch::Contains("certificate authority"));
    }
  }
}

TEST_CASE("certificates of a client's chain are all read, or none is") {
  const auto admin = authority().sign("admin", "DNS:admin");
  ClientConfig config;
  config.ca_pem = authority().pem();
  config.client_key_pem = admin.key_pem();
  config.client_certificate_pem = admin.certificate_pem() + other_authority().pem();
  CHECK(TlsCredentials::load(config));
  config.client_certificate_pem = admin.certificate_pem() + broken(other_authority().pem());
  const auto loaded = TlsCredentials::load(config);
  REQUIRE_FALSE(loaded);
  CHECK_THAT(loaded.error().message, Catch::Contains("client certificate"));
}

TEST_CASE("a file of certificate authorities is read again when it changes") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  server.http().set_keep_alive_max_count(1);  // each request asks for a connection
  answer_hello(server);
  const Pod pod;
  pod.trust(other_authority().pem());
  const auto transport = pod.connect_to(server);
  CHECK_FALSE(transport->send(kHello));
  pod.trust(other_authority().pem() + authority().pem());
  CHECK(transport->send(kHello));
  pod.trust(other_authority().pem());
  CHECK_FALSE(transport->send(kHello));
}

TEST_CASE("an empty file of certificate authorities is told at the start") {
  const fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  const Pod pod;
  pod.trust("");
  const auto error = HttpTransport::make(pod.config_for(server)).error();
  CHECK(error.kind == ErrorKind::Invalid);
  CHECK(error.message.find("/ca.crt is empty") != std::string::npos);
}

TEST_CASE("a file of certificate authorities that is broken or gone keeps what was read last") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  server.http().set_keep_alive_max_count(1);
  answer_hello(server);
  const Pod pod;
  pod.trust(authority().pem());
  const auto transport = pod.connect_to(server);
  CHECK(transport->send(kHello));
  for (const auto& text : {broken(authority().pem()), hollow(), std::string(), std::string("x")}) {
    pod.trust(text);
    CHECK(transport->send(kHello));
  }
  std::filesystem::remove(pod.folder.path() + "/ca.crt");
  CHECK(transport->send(kHello));
  pod.trust(other_authority().pem());
  CHECK_FALSE(transport->send(kHello));
}
