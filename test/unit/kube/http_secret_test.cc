// What the real transport keeps of an answer that echoes our credentials.
#include "unit/kube/raw_peer_config.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

using namespace kube;

namespace {

const std::string kToken = "SECRETTOKEN";

// An error page of something in front of the API server, which shows the request.
void echo(fakes::RawPeer& peer, const std::string& status) {
  while (true) {
    const std::string head = peer.read_head();
    if (head.empty()) return;
    peer.send(
        fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n\r\n{}", status, head.size(), head));
  }
}

}  // namespace

TEST_CASE("the token is taken out of an answer of any status that echoes it") {
  const std::string status = GENERATE("200 OK", "400 Bad Request", "500 Oops", "401 No");
  fakes::RawServer server([&](fakes::RawPeer& peer) { echo(peer, status); });
  const auto answer = connect_plainly(server, kToken)->send(raw_request("/x"));
  REQUIRE(answer);
  CHECK(answer->body.find("Authorization: Bearer ") != std::string::npos);
  CHECK(answer->body.find(kToken) == std::string::npos);
  CHECK(error_of(raw_request("/x"), *answer).message.find(kToken) == std::string::npos);
}

TEST_CASE("the token is taken out of a stream wherever its chunks are cut") {
  fakes::RawServer server([&](fakes::RawPeer& peer) {
    peer.read_head();
    peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (const char c : "a " + kToken + " SECRET" + kToken + " SECRET")
      peer.send(fmt::format("1\r\n{}\r\n", c));
    peer.send("0\r\n\r\n");
    peer.wait_until_gone();
  });
  std::string body;
  const auto collect = [&](std::string_view chunk) -> base::Result<void> {
    body += chunk;
    return {};
  };
  CHECK(connect_plainly(server, kToken)->stream(raw_request("/x"), collect, {}));
  CHECK(body == "a <credentials> SECRET<credentials> SECRET");
}
