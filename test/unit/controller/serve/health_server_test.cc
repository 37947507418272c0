#include "controller/serve/health_server.h"

#include "unit/controller/raw_client.h"

#include <arpa/inet.h>
#include <catch2/catch.hpp>
#include <httplib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <future>
#include <list>
#include <vector>

using namespace controller;
using controller_test::RawClient;
using namespace std::chrono_literals;

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

// A health server with three pages.
struct Served {
  int port = free_port();
  std::unique_ptr<HealthServer> server =
      HealthServer::start(
          "127.0.0.1:" + std::to_string(port),
          {[] { return true; }, [] { return true; }, [] { return std::string("plans_total 3\n"); }})
          .value();

  std::string answer_to(const std::string& request) const {
    RawClient client(port);
    client.send(request);
    return client.read_to_end();
  }
};

// A client that never finishes its request, byte by byte, until its connection is closed.
void send_slowly(int port, std::atomic<int>& begun, const std::atomic<bool>& enough) {
  RawClient client(port);
  bool open = client.send("GET /healthz HTTP/1.1\r\nX: ");
  ++begun;
  while (open && !enough) open = client.send("x") && !client.is_closed_within(20ms);
}

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

TEST_CASE("the health server answers a HEAD as a GET, without the body") {
  const Served served;
  const auto answer = served.answer_to("HEAD /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 200 ") && Catch::Contains("Content-Length: 14"));
  CHECK_THAT(answer, Catch::EndsWith("\r\n\r\n"));
}

TEST_CASE("the health server looks at the path of a request alone") {
  const Served served;
  CHECK_THAT(served.answer_to("GET /healthz?verbose=1 HTTP/1.1\r\nHost: h\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 200 ") && Catch::EndsWith("ok\n"));
}

TEST_CASE("the health server refuses every method but GET and HEAD, unread") {
  const Served served;
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "NONSENSE"}) {
    CAPTURE(method);
    const auto answer = served.answer_to(
        std::string(method) + " /healthz HTTP/1.1\r\nHost: h\r\nContent-Length: 600000000\r\n\r\n");
    CHECK_THAT(answer, Catch::StartsWith("HTTP/1.1 405 ") && Catch::Contains("Allow: GET, HEAD"));
  }
}

TEST_CASE("the health server reads no headers without an end") {
  const Served served;
  RawClient client(served.port);
  std::size_t taken = 0;
  client.send("GET /healthz HTTP/1.1\r\n");
  const std::string line = "X-Header: " + std::string(1000, 'x') + "\r\n";
  while (taken < 64u << 20 && client.send(line)) taken += line.size();
  CHECK(taken < 64u << 20);
}

TEST_CASE("the health server answers what is no HTTP with a refusal") {
  const Served served;
  CHECK_THAT(served.answer_to("\x16\x03\x01 a TLS hello\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 400 "));
}

TEST_CASE("clients that send nothing keep no health check waiting") {
  const Served served;
  std::list<RawClient> slow;
  for (int i = 0; i < 100; ++i) slow.emplace_back(served.port).send("GET /heal");
  CHECK_THAT(served.answer_to("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n"),
             Catch::StartsWith("HTTP/1.1 200 "));
}

TEST_CASE("a client that sends a request byte by byte loses its connection") {
  const Served served;
  std::atomic<int> begun = 0;
  std::atomic<bool> enough = false;
  auto slow = std::async(std::launch::async, [&] { send_slowly(served.port, begun, enough); });
  const bool closed = slow.wait_for(60s) == std::future_status::ready;
  enough = true;
  CHECK(closed);
}

TEST_CASE("a client that takes no answer loses its connection") {
  const int port = free_port();
  const auto server = HealthServer::start(
      "127.0.0.1:" + std::to_string(port),
      {[] { return true; }, [] { return true; }, [] { return std::string(64u << 20, 'm'); }});
  REQUIRE(server);
  RawClient client(port);
  client.send("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n");
  CHECK(client.is_closed_within(60s));
}

TEST_CASE("slow clients do not hold the end of the health server") {
  Served served;
  std::atomic<int> begun = 0;
  std::atomic<bool> enough = false;
  std::vector<std::future<void>> slow;
  for (int i = 0; i < 4; ++i)
    slow.push_back(
        std::async(std::launch::async, [&] { send_slowly(served.port, begun, enough); }));
  while (begun < 4) std::this_thread::yield();
  auto end = std::async(std::launch::async, [&] { served.server.reset(); });
  const bool ended = end.wait_for(60s) == std::future_status::ready;
  enough = true;
  CHECK(ended);
}
