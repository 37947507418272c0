// Streams of the real transport: how they end.
#include "fakes/full_listener.h"
#include "unit/kube/streams.h"
#include "unit/kube/tls_peer.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;

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

TEST_CASE("a silent stream is stopped from another thread") {
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
  if (by_close) {
    transport->close();
  } else {
    stop.request_stop();
  }
  const auto done = stream.wait_for(kPatience);
  over = true;
  CHECK(done == std::future_status::ready);
  const auto ended = stream.get();
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

TEST_CASE("connecting to a server that does not answer is stopped") {
  const fakes::FullListener server;
  ClientConfig config;
  config.server = url(server.port());
  config.ca_pem = authority().pem();
  const auto transport = connect(config);
  std::stop_source stop;
  auto stream = std::async(std::launch::async,
                           [&] { return transport->stream(kHello, kIgnore, stop.get_token()); });
  CHECK(stream.wait_for(100ms) == std::future_status::timeout);
  stop.request_stop();
  REQUIRE(stream.wait_for(kPatience) == std::future_status::ready);
  CHECK(stream.get().error().kind == ErrorKind::Cancelled);
}
