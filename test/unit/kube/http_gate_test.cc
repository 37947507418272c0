// A gate of writes, asked by the real transport when the connection stands.
#include "kube/writer.h"
#include "unit/kube/raw_peer_config.h"

#include <catch2/catch.hpp>

#include <future>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;
using std::chrono::steady_clock;

TEST_CASE("a write is not sent when its gate closes while it connects") {
  std::promise<std::string> arrived;
  fakes::RawServer server([&](fakes::RawPeer& peer) { arrived.set_value(peer.read_head()); });
  const auto transport = connect_plainly(server);
  int asked = 0;
  const Writer writer(*transport, [&]() -> std::optional<steady_clock::time_point> {
    return ++asked == 1 ? std::optional(steady_clock::time_point::max()) : std::nullopt;
  });
  const auto written = writer.create(kPods, "ns", "{}");
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == ErrorKind::Cancelled);
  CHECK(written.error().message.find("must not write any more") != std::string::npos);
  CHECK(asked == 2);
  CHECK(arrived.get_future().get().empty());
}

TEST_CASE("a write takes no longer than its gate lets it") {
  const bool collection = GENERATE(false, true);
  fakes::RawServer server([&](fakes::RawPeer& peer) {
    peer.read_head();
    peer.wait_until_gone();
  });
  const auto transport = connect_plainly(server);
  const auto begin = steady_clock::now();
  const Writer writer(*transport, [&] { return std::optional(begin + 300ms); });
  const auto kind = collection ? writer.remove_collection(kPods, {"ns"}).error().kind
                               : writer.create(kPods, "ns", "{}").error().kind;
  // Cancelled: this machine took all that time to connect.
  CHECK((kind == ErrorKind::Timeout || kind == ErrorKind::Cancelled));
  CHECK(steady_clock::now() - begin < 25s);  // a request of no gate may take 30
}
