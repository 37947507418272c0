// The elector's end while the API server misbehaves.
#include "kube/leader_elector.h"
#include "unit/kube/raw_peer_config.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <future>

using namespace kube;
using namespace std::chrono_literals;

namespace {

// Half of what the peer would go on for.
constexpr auto kPatience = 30s;

std::string answer(const std::string& body) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

// Gives the lease to whoever asks; what comes once `ending` is set is answered byte by byte.
void serve_lease(fakes::RawPeer& peer, const std::atomic<bool>& ending) {
  while (!peer.read_head().empty()) {
    if (ending) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      peer.drip(" ");
      return;
    }
    peer.send(answer(R"({"metadata":{"resourceVersion":"1"},"spec":{"holderIdentity":"one"}})"));
  }
}

}  // namespace

TEST_CASE("the elector ends while the release of its lease is answered byte by byte") {
  std::atomic<bool> ending = false;
  fakes::RawServer server([&](fakes::RawPeer& peer) { serve_lease(peer, ending); });
  const auto transport = connect_plainly(server);
  const base::SystemClock clock;
  std::promise<void> leads;
  LeaderElectorOptions options;
  options.lease = {.identity = "one", .lease_duration = 120s, .renew_deadline = 100s};
  options.ns = "ns";
  options.name = "operator";
  options.on_started = [&] { leads.set_value(); };
  LeaderElector elector(*transport, clock, options);
  elector.start();
  REQUIRE(leads.get_future().wait_for(kPatience) == std::future_status::ready);
  ending = true;
  auto ended = std::async(std::launch::async, [&] { elector.stop(); });
  CHECK(ended.wait_for(kPatience) == std::future_status::ready);
}
