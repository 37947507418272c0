#include "controller/health_server.h"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>

using namespace controller;

namespace {

// A listener that is closed with it.
class Listener {
 public:
  Listener() {
    ::bind(socket_, reinterpret_cast<sockaddr*>(&address_), sizeof address_);
    ::listen(socket_, 1);
    socklen_t size = sizeof address_;
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size);
  }
  ~Listener() { ::close(socket_); }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;
  int port() const { return ntohs(address_.sin_port); }

 private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address_{AF_INET, 0, {htonl(INADDR_LOOPBACK)}, {}};
};

// A port that was free a moment ago.
int free_port() { return Listener().port(); }

}  // namespace

TEST_CASE("a listen address is a host and a port") {
  struct Row {
    const char* text;
    const char* host;
    int port;
  };
  const Row rows[] = {
      {"127.0.0.1:8080", "127.0.0.1", 8080}, {":8080", "0.0.0.0", 8080},
      {"localhost:1", "localhost", 1},       {"0.0.0.0:65535", "0.0.0.0", 65535},
      {"[::1]:8080", "::1", 8080},           {"[::]:80", "::", 80},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto parsed = parse_listen(row.text);
    REQUIRE(parsed);
    CHECK(parsed->first == row.host);
    CHECK(parsed->second == row.port);
  }
}

TEST_CASE("what is no listen address says what is wanted") {
  for (const char* text :
       {"", "8080", "localhost", "localhost:", ":", ":0", ":65536", ":-1", ":+80", ":80a", ": 80",
        "::1", "::1:8080", "[::1]", "[::1", "[]:80", "[::1:80", "::1]:80", ":99999999999999"}) {
    CAPTURE(text);
    const auto parsed = parse_listen(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().kind == base::ErrorKind::Invalid);
    CHECK_THAT(parsed.error().message, Catch::Contains("HOST:PORT"));
  }
}

TEST_CASE("health, readiness and metrics are served") {
  std::atomic<bool> healthy = true;
  std::atomic<bool> ready = false;
  const int port = free_port();
  const auto server =
      HealthServer::start("127.0.0.1:" + std::to_string(port),
                          {[&] { return healthy.load(); }, [&] { return ready.load(); },
                           [] { return std::string("plans_total 3\n"); }});
  REQUIRE(server);
  httplib::Client client("127.0.0.1", port);
  const auto status = [&](const char* path) {
    const auto answer = client.Get(path);
    return answer ? answer->status : 0;
  };
  CHECK(status("/healthz") == 200);
  CHECK(status("/readyz") == 503);
  ready = true;
  CHECK(status("/readyz") == 200);
  healthy = false;
  CHECK(status("/healthz") == 503);
  CHECK(status("/") == 404);
  const auto metrics = client.Get("/metrics");
  REQUIRE(metrics);
  CHECK(metrics->body == "plans_total 3\n");
  CHECK_THAT(metrics->get_header_value("Content-Type"), Catch::StartsWith("text/plain"));
}

TEST_CASE("an address that is taken is told") {
  const Listener other;
  const int port = other.port();
  const auto server = HealthServer::start("127.0.0.1:" + std::to_string(port), {});
  REQUIRE_FALSE(server);
  CHECK(server.error().kind == base::ErrorKind::Unavailable);
  CHECK_THAT(server.error().message, Catch::Contains(std::to_string(port)));
}

TEST_CASE("two servers do not share an address") {
  const auto listen = "127.0.0.1:" + std::to_string(free_port());
  const auto first = HealthServer::start(listen, {});
  CHECK(first);
  CHECK_FALSE(HealthServer::start(listen, {}));
}

TEST_CASE("a server that is ended right away ends") {
  for (int i = 0; i < 20; ++i) {
    const auto server = HealthServer::start("127.0.0.1:" + std::to_string(free_port()),
                                            {[] { return true; }, [] { return true; }, {}});
    CHECK(server);
  }
}
