// Answers whose heads contradict themselves, or speak of what was not asked for.
#include "unit/kube/raw_peer_config.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace kube;
using base::ErrorKind;

namespace {

base::Result<Response> answered_with(const std::string& headers, std::string* asked = nullptr) {
  fakes::RawServer server([&](fakes::RawPeer& peer) {
    const auto head = peer.read_head();
    if (asked != nullptr) *asked = head;
    peer.send(fmt::format("HTTP/1.1 200 OK\r\n{}\r\n{{\"a\":1}}", headers));
  });
  return connect_plainly(server)->send(raw_request("/x"));
}

}  // namespace

TEST_CASE("an answer with two different lengths is refused, wherever they stand") {
  const auto* headers = GENERATE("Content-Length: 7\r\nContent-Length: 2\r\n",
                                 "Content-Length: 2\r\nX: y\r\ncontent-length: 7\r\n",
                                 "Content-Length: 7, 2\r\n", "Content-Length: -7\r\n");
  CAPTURE(headers);
  const auto answer = answered_with(headers);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::Protocol);
  CHECK(answer.error().message.find("Content-Length") != std::string::npos);
}

TEST_CASE("a length that is said twice is one") {
  const auto answer = answered_with("Content-Length: 7\r\nContent-Length: 7\r\n");
  REQUIRE(answer);
  CHECK(answer->body == R"({"a":1})");
}

TEST_CASE("an answer in an encoding that was not asked for is refused by its name") {
  const auto* encoding = GENERATE("gzip", "br", "deflate");
  std::string asked;
  const auto answer =
      answered_with(fmt::format("Content-Encoding: {}\r\nContent-Length: 7\r\n", encoding), &asked);
  CHECK(asked.find("Accept-Encoding: identity\r\n") != std::string::npos);
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::Protocol);
  CHECK(answer.error().message.find(fmt::format("encoded as {}", encoding)) != std::string::npos);
}

TEST_CASE("an answer that says that it is not encoded counts") {
  CHECK(answered_with("Content-Encoding: identity\r\nContent-Length: 7\r\n"));
}
