// What the real transport takes from a peer, and for how long.
#include "unit/kube/raw_peer_config.h"
#include "unit/kube/streams.h"
#include "unit/kube/tls_peer.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;

namespace {

Request soon(base::Duration timeout) {
  Request request = raw_request("/x");
  request.timeout = timeout;
  return request;
}

}  // namespace

TEST_CASE("a request ends at its deadline when the answer drips") {
  const auto [head, piece] = GENERATE(table<std::string, std::string>({
      {"HTTP/1.1 ", "2"},
      {"HTTP/1.1 200 OK\r\n", "A: b\r\n"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", "a"},
      {"HTTP/1.1 500 Bad\r\nContent-Length: 1000000\r\n\r\n", "a"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\na\r\n"},
      {"HTTP/1.1 200 OK\r\n\r\n", "a"},
  }));
  const bool streams = GENERATE(false, true);
  CAPTURE(head, piece, streams);
  fakes::RawServer server([&, head = head, piece = piece](fakes::RawPeer& peer) {
    peer.read_head();
    if (peer.send(head)) peer.drip(piece);
  });
  const auto transport = connect_plainly(server);
  const auto error = streams ? transport->stream(soon(200ms), kIgnore, {}).error()
                             : transport->send(soon(200ms)).error();
  CHECK(error.kind == ErrorKind::Timeout);
  CHECK(error.message.find("within 200ms") != std::string::npos);
}

TEST_CASE("the head of an answer and the lines between its chunks are bounded") {
  const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string line(1000, 'a');
  const auto [head, piece] = GENERATE_COPY(table<std::string, std::string>({
      {"", line},                                      // no status line at all
      {"HTTP/1.1 200 ", line},                         // an endless reason
      {"HTTP/1.1 200 OK\r\nA: ", line},                // an endless header
      {"HTTP/1.1 200 OK\r\n", "A: " + line + "\r\n"},  // endless headers
      {"HTTP/1.1 200 OK\r\n", "A: b\r\n"},             // many small ones
      {"HTTP/1.1 200 OK\r\n", "a\n"},                  // lines that httplib skips
      {"", "HTTP/1.1 100 Continue\r\n\r\n"},           // endless 1xx
      {chunked + "1;", line},                          // an endless chunk extension
      {chunked + "1\r\na\r\n0\r\n", line},             // an endless trailer
      {chunked + "0\r\n", "A: " + line + "\r\n"},      // endless trailers
  }));
  CAPTURE(head, piece);
  constexpr std::size_t kEndless = 64u << 20;
  std::promise<std::size_t> sent;
  fakes::RawServer server([&, head = head, piece = piece](fakes::RawPeer& peer) {
    peer.read_head();
    sent.set_value(peer.send(head) ? peer.flood(piece, kEndless) : 0);
  });
  const auto answer = connect_plainly(server)->send(soon(kPatience));
  CHECK_FALSE(answer);
  // What fits into the buffers of two sockets was sent as well.
  CHECK(sent.get_future().get() < kEndless / 2);
}

TEST_CASE("the head of an answer has few lines, of which none is long") {
  std::string many;
  for (int i = 0; i < 300; ++i) many += "A: b\r\n";
  std::string large;
  for (int i = 0; i < 20; ++i) large += "A: " + std::string(5'000, 'b') + "\r\n";
  const std::string status = "HTTP/1.1 200 OK\r\n";
  const auto head =
      GENERATE_COPY("HTTP/1.1 200 " + std::string(2'000, 'a') + "\r\n", status + many,
                    status + large, status + "A: " + std::string(9'000, 'b') + "\r\n");
  fakes::RawServer server([&](fakes::RawPeer& peer) {
    peer.read_head();
    peer.send(head + "Content-Length: 0\r\n\r\n");
    peer.wait_until_gone();
  });
  const auto answer = connect_plainly(server)->send(soon(kPatience));
  REQUIRE_FALSE(answer);
  CHECK(answer.error().message.find("too long") != std::string::npos);
}

TEST_CASE("an error page is kept up to a bound and its status still counts") {
  fakes::RawServer server([](fakes::RawPeer& peer) {
    peer.read_head();
    if (peer.send("HTTP/1.1 404 Not Found\r\nContent-Length: 100000000\r\n\r\n"))
      peer.flood(std::string(100'000, 'a'), 100'000'000);
  });
  const auto answer = connect_plainly(server)->send(soon(kPatience));
  REQUIRE(answer);
  CHECK(answer->status == 404);
  CHECK(answer->body.size() <= 1u << 20);
}

TEST_CASE("an interim answer is never taken for the answer") {
  fakes::RawServer server([](fakes::RawPeer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n");
    peer.wait_until_gone();
  });
  const auto transport = connect_plainly(server);
  CHECK(transport->send(soon(kPatience)).error().kind == ErrorKind::Protocol);
  CHECK_FALSE(transport->send(soon(kPatience)));
  CHECK(transport->connections_made() == 2);
}

TEST_CASE("a TLS handshake ends at the deadline of the request and when that is stopped") {
  const bool drips = GENERATE(false, true);
  const bool by_stop = GENERATE(false, true);
  CAPTURE(drips, by_stop);
  std::promise<void> connected;
  fakes::RawServer server([&](fakes::RawPeer& peer) {
    connected.set_value();
    // The head of a handshake record of 16,000 bytes, of which one comes now and then.
    if (drips && peer.send(std::string("\x16\x03\x03\x3e\x80", 5))) peer.drip("\x02");
    peer.wait_until_gone();
  });
  ClientConfig config;
  config.server = url(server.port());
  config.ca_pem = authority().pem();
  const auto transport = connect(config);
  std::stop_source stop;
  auto ended = std::async(std::launch::async, [&] {
    return transport->stream(soon(by_stop ? kPatience : 200ms), kIgnore, stop.get_token());
  });
  connected.get_future().wait();
  if (by_stop) stop.request_stop();
  REQUIRE(ended.wait_for(kPatience / 2) == std::future_status::ready);
  CHECK(ended.get().error().kind == (by_stop ? ErrorKind::Cancelled : ErrorKind::Timeout));
}
