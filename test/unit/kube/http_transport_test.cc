// The real transport against a TLS server of this process.
#include "unit/kube/tls_peer.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <set>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;

TEST_CASE("an answer comes back over verified TLS") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  server.http().Patch("/x", [](const httplib::Request& request, httplib::Response& response) {
    response.status = 429;
    response.set_header("Retry-After", "7");
    response.set_content(request.get_header_value("Content-Type") + request.body, "text/plain");
  });
  answer_hello(server);
  const auto transport = connect(config_for(server));
  const auto hello = transport->send(kHello);
  REQUIRE(hello);
  CHECK(hello->status == 200);
  CHECK(hello->body.find("|flannel-migration-operator|") == 0);
  const auto patched = transport->send({Method::Patch, "/x?a=%20b", "{}", "application/json"});
  REQUIRE(patched);
  CHECK(patched->status == 429);
  CHECK(patched->retry_after == 7s);
  CHECK(patched->body == "application/json{}");
}

TEST_CASE("a server with the certificate of somebody else is refused") {
  const auto [names, by_us, good] = GENERATE(table<std::string, bool, bool>({
      {"IP:127.0.0.1", true, true},
      {"IP:127.0.0.1", false, false},
      {"IP:127.0.0.2", true, false},
      {"DNS:127.0.0.1", true, false},
      {"DNS:localhost", true, false},
      {"", true, false},
  }));
  CAPTURE(names, by_us);
  const fakes::CertificateAuthority other("test authority");
  fakes::TlsServer server((by_us ? authority() : other).sign("127.0.0.1", names));
  answer_hello(server);
  const auto answer = connect(config_for(server))->send(kHello);
  CHECK(answer.has_value() == good);
  if (answer) return;
  CHECK(answer.error().kind == ErrorKind::Unavailable);
  CHECK(answer.error().message.find("not to be trusted") != std::string::npos);
}

TEST_CASE("a server is found by name and by IPv6 address and may be expected under another name") {
  const auto [address, host, names, override_name, good] =
      GENERATE(table<std::string, std::string, std::string, std::string, bool>({
          {"127.0.0.1", "localhost", "DNS:localhost", "", true},
          {"127.0.0.1", "localhost", "IP:127.0.0.1", "", false},
          {"::1", "[::1]", "IP:::1", "", true},
          {"::1", "[::1]", "IP:127.0.0.1", "", false},
          {"127.0.0.1", "127.0.0.1", "DNS:api.internal", "api.internal", true},
          {"127.0.0.1", "127.0.0.1", "DNS:*.k8s.internal", "api.k8s.internal", true},
          {"127.0.0.1", "127.0.0.1", "DNS:api.internal", "other.internal", false},
          {"127.0.0.1", "127.0.0.1", "IP:127.0.0.1", "api.internal", false},
      }));
  CAPTURE(address, host, names, override_name);
  fakes::TlsServer server(authority().sign("server", names), address);
  answer_hello(server);
  ClientConfig config = config_for(server, host);
  config.tls_server_name = override_name;
  CHECK(connect(config)->send(kHello).has_value() == good);
}

TEST_CASE("a client certificate is shown to a server that asks for one") {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(),
                                                                      X509_STORE_free);
  const fakes::CertificateAuthority clients("clients");
  const auto pem = clients.pem();
  const std::unique_ptr<BIO, fakes::FreeOpenSsl> bio(BIO_new_mem_buf(pem.data(), -1));
  const fakes::CertificatePtr root(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(store.get(), root.get());
  X509_STORE_up_ref(store.get());  // the server takes one
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"), "127.0.0.1", store.get());
  answer_hello(server);

  ClientConfig config = config_for(server);
  CHECK_FALSE(connect(config)->send(kHello));
  const auto admin = clients.sign("admin", "DNS:admin");
  config.client_certificate_pem = admin.certificate_pem();
  config.client_key_pem = admin.key_pem();
  CHECK(connect(config)->send(kHello));
  config.client_key_pem = clients.sign("other", "DNS:other").key_pem();
  CHECK(HttpTransport::make(config).error().message.find("does not belong") != std::string::npos);
}

TEST_CASE("credentials that cannot be read are refused before anything is sent") {
  ClientConfig config;
  config.server = "https://127.0.0.1:1";
  config.ca_pem = "no certificate";
  CHECK(HttpTransport::make(config).error().kind == ErrorKind::Invalid);
  config.ca_pem = authority().pem();
  config.client_certificate_pem = "no certificate";
  CHECK(HttpTransport::make(config).error().kind == ErrorKind::Invalid);
  config.server = "http://10.0.0.1";
  CHECK(HttpTransport::make(config).error().kind == ErrorKind::Invalid);
}

TEST_CASE("one connection serves many requests and each thread that waits has its own") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  answer_hello(server);
  const auto transport = connect(config_for(server));
  std::set<std::string> answers;
  for (int i = 0; i < 20; ++i) {
    REQUIRE(transport->stream(kHello,
                              [&](std::string_view chunk) -> base::Result<void> {
                                answers.emplace(chunk);
                                return {};
                              },
                              {}));
    answers.insert(transport->send(kHello)->body);
  }
  CHECK(answers.size() == 1);
  CHECK(transport->connections_made() == 1);

  std::vector<std::future<int>> threads;
  for (int i = 0; i < 4; ++i) {
    threads.push_back(std::async(std::launch::async, [&] {
      int good = 0;
      for (int n = 0; n < 25; ++n) good += transport->send(kHello).has_value() ? 1 : 0;
      return good;
    }));
  }
  for (auto& thread : threads) CHECK(thread.get() == 25);
  CHECK(transport->connections_made() <= 5);
}

TEST_CASE("a connection that the server closed is replaced") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  server.http().set_keep_alive_max_count(1);
  answer_hello(server);
  const auto transport = connect(config_for(server));
  for (int i = 0; i < 5; ++i) CHECK(transport->send(kHello));
  CHECK(transport->connections_made() == 5);
}

TEST_CASE("a token file is read again when it changes") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  server.http().Get("/hello", [](const httplib::Request& request, httplib::Response& response) {
    const std::string header = request.get_header_value("Authorization");
    response.set_content(header.substr(header.find(' ') + 1), "text/plain");
  });
  server.start();
  const fakes::TemporaryFolder folder;
  ClientConfig config = config_for(server);
  config.token_file = folder.path() + "/token";
  const auto transport = connect(config);
  CHECK(transport->send(kHello).error().kind == ErrorKind::Invalid);
  folder.write("token", "first\n");
  CHECK(transport->send(kHello)->body == "first");
  folder.write("new", "second");
  std::filesystem::rename(folder.path() + "/new", config.token_file);
  CHECK(transport->send(kHello)->body == "second");
  std::filesystem::remove(config.token_file);
  CHECK(transport->send(kHello)->body == "second");
}

TEST_CASE("a server that is not there is unavailable") {
  ClientConfig config;
  config.server = "https://127.0.0.1:1";
  config.ca_pem = authority().pem();
  const auto answer = connect(config)->send(kHello);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::Unavailable);
  CHECK(answer.error().message.find("cannot connect to 127.0.0.1:1") != std::string::npos);
}
