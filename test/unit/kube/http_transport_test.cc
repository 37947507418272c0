// The real transport against a TLS server of this process.
#include "kube/http_transport.h"

#include "fakes/temporary_folder.h"
#include "fakes/tls_server.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <set>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;

namespace {

const fakes::CertificateAuthority& authority() {
  static const fakes::CertificateAuthority instance("test authority");
  return instance;
}

std::string url(int port, const std::string& host = "127.0.0.1") {
  return "https://" + host + ":" + std::to_string(port);
}

ClientConfig config_for(const fakes::TlsServer& server, const std::string& host = "127.0.0.1") {
  ClientConfig config;
  config.server = url(server.port(), host);
  config.ca_pem = authority().pem();
  return config;
}

std::unique_ptr<HttpTransport> connect(const ClientConfig& config) {
  return HttpTransport::make(config).value();
}

void answer_hello(fakes::TlsServer& server) {
  server.http().Get("/hello", [](const httplib::Request& request, httplib::Response& response) {
    response.set_content(request.get_header_value("Authorization") + "|" +
                             request.get_header_value("User-Agent") + "|" +
                             std::to_string(request.remote_port),
                         "text/plain");
  });
  server.start();
}

const Request kHello = raw_request("/hello");
const auto kIgnore = [](std::string_view) -> base::Result<void> { return {}; };

}  // namespace

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
  server.http().set_keep_alive_timeout(0);
  server.http().set_keep_alive_max_count(1);
  answer_hello(server);
  const auto transport = connect(config_for(server));
  for (int i = 0; i < 5; ++i) CHECK(transport->send(kHello));
  CHECK(transport->connections_made() == 5);
}

TEST_CASE("a token file is read again when it changes") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  answer_hello(server);
  const fakes::TemporaryFolder folder;
  ClientConfig config = config_for(server);
  config.token_file = folder.path() + "/token";
  const auto transport = connect(config);
  CHECK(transport->send(kHello).error().kind == ErrorKind::Invalid);
  folder.write("token", "first\n");
  CHECK(transport->send(kHello)->body.starts_with("Bearer first|"));
  folder.write("new", "second");
  std::filesystem::rename(folder.path() + "/new", config.token_file);
  CHECK(transport->send(kHello)->body.starts_with("Bearer second|"));
  std::filesystem::remove(config.token_file);
  CHECK(transport->send(kHello)->body.starts_with("Bearer second|"));
}

TEST_CASE("an answer that is no success ends a stream with its error") {
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  server.http().Get("/gone", [](const httplib::Request&, httplib::Response& response) {
    response.status = 410;
    response.set_content(R"({"kind":"Status","reason":"Expired","message":"too old"})", "x");
  });
  server.start();
  const auto transport = connect(config_for(server));
  bool called = false;
  const auto ended = transport->stream(raw_request("/gone"),
                                       [&](std::string_view) -> base::Result<void> {
                                         called = true;
                                         return {};
                                       },
                                       {});
  REQUIRE_FALSE(ended);
  CHECK(ended.error().kind == ErrorKind::Gone);
  CHECK(ended.error().message == "GET /gone: too old");
  CHECK_FALSE(called);
}

namespace {

// A watch that sends one line and then nothing.
void answer_silent_watch(fakes::TlsServer& server, std::atomic<bool>& over) {
  server.http().Get("/watch", [&](const httplib::Request&, httplib::Response& response) {
    response.set_chunked_content_provider("application/json",
                                          [&](std::size_t offset, httplib::DataSink& sink) {
                                            if (offset == 0) return sink.write("{}\n", 3);
                                            std::this_thread::sleep_for(5ms);
                                            return !over;
                                          });
  });
  server.http().Get("/silent", [&](const httplib::Request&, httplib::Response&) {
    while (!over) std::this_thread::sleep_for(5ms);
  });
  server.start();
}

}  // namespace

TEST_CASE("a silent stream is stopped at once from another thread") {
  std::atomic<bool> over = false;
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  answer_silent_watch(server, over);
  const auto transport = connect(config_for(server));
  const std::string path = GENERATE("/watch", "/silent");
  const bool by_close = GENERATE(false, true);
  CAPTURE(path, by_close);
  std::stop_source stop;
  auto stream = std::async(std::launch::async, [&] {
    return transport->stream(raw_request(path), kIgnore, stop.get_token());
  });
  CHECK(stream.wait_for(200ms) == std::future_status::timeout);
  const auto begin = std::chrono::steady_clock::now();
  if (by_close) {
    transport->close();
  } else {
    stop.request_stop();
  }
  const auto ended = stream.get();
  over = true;
  CHECK(std::chrono::steady_clock::now() - begin < 200ms);
  REQUIRE_FALSE(ended);
  CHECK(ended.error().kind == ErrorKind::Cancelled);
  CHECK(transport->send(kHello).has_value() == !by_close);
}

TEST_CASE("an error of the chunk callback ends the stream and is its result") {
  std::atomic<bool> over = false;
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  answer_silent_watch(server, over);
  const auto ended = connect(config_for(server))
                         ->stream(raw_request("/watch"),
                                  [](std::string_view) -> base::Result<void> {
                                    return base::fail(ErrorKind::Protocol, "nonsense");
                                  },
                                  {});
  over = true;
  REQUIRE_FALSE(ended);
  CHECK(ended.error().kind == ErrorKind::Protocol);
}

TEST_CASE("a server that stays silent too long is a timeout") {
  std::atomic<bool> over = false;
  fakes::TlsServer server(authority().sign("server", "IP:127.0.0.1"));
  answer_silent_watch(server, over);
  Request request = raw_request(GENERATE("/watch", "/silent"));
  request.timeout = 150ms;
  const auto ended = connect(config_for(server))->stream(request, kIgnore, {});
  over = true;
  REQUIRE_FALSE(ended);
  CHECK(ended.error().kind == ErrorKind::Timeout);
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

TEST_CASE("connecting to a host that does not answer is stopped at once") {
  ClientConfig config;
  config.server = "https://192.0.2.1:6443";  // TEST-NET-1: nobody is there
  config.ca_pem = authority().pem();
  const auto transport = connect(config);
  std::stop_source stop;
  auto stream = std::async(std::launch::async,
                           [&] { return transport->stream(kHello, kIgnore, stop.get_token()); });
  if (stream.wait_for(100ms) == std::future_status::ready) return;  // no route to it from here
  const auto begin = std::chrono::steady_clock::now();
  stop.request_stop();
  CHECK(stream.get().error().kind == ErrorKind::Cancelled);
  CHECK(std::chrono::steady_clock::now() - begin < 500ms);
}
