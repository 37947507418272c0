// The elector's end while the API server misbehaves.
#include "fakes/fake_transport.h"
#include "kube/leader_elector.h"
#include "unit/kube/raw_peer_config.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <future>
#include <new>

using namespace kube;
using namespace std::chrono_literals;

namespace {

// Half of what the peer would go on for.
constexpr auto kPatience = 30s;

std::string answer(const std::string& body) {
  return fmt::format("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

// Of a lease that no starved thread loses.
LeaderElectorOptions patient_options(base::Duration retry_period = 2s) {
  LeaderElectorOptions options;
  options.lease = {.identity = "one",
                   .lease_duration = 120s,
                   .renew_deadline = 100s,
                   .retry_period = retry_period};
  options.ns = "ns";
  options.name = "operator";
  return options;
}

// Gives the lease to whoever asks; what comes once `ending` is set is answered byte by byte.
void serve_lease(fakes::RawPeer& peer, const std::atomic<bool>& ending) {
  while (!peer.read_head().empty()) {
    if (ending) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
      peer.drip(" ");
      return;
    }
    peer.send(answer(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease",)"
                     R"("metadata":{"resourceVersion":"1"},"spec":{"holderIdentity":"one"}})"));
  }
}

}  // namespace

TEST_CASE("the elector ends while the release of its lease is answered byte by byte") {
  std::atomic<bool> ending = false;
  fakes::RawServer server([&](fakes::RawPeer& peer) { serve_lease(peer, ending); });
  const auto transport = connect_plainly(server);
  const base::SystemClock clock;
  std::promise<void> leads;
  auto options = patient_options();
  options.on_started = [&] { leads.set_value(); };
  LeaderElector elector(*transport, clock, options);
  elector.start();
  REQUIRE(leads.get_future().wait_for(kPatience) == std::future_status::ready);
  ending = true;
  auto ended = std::async(std::launch::async, [&] { elector.stop(); });
  CHECK(ended.wait_for(kPatience) == std::future_status::ready);
}

TEST_CASE("a lease is given up although the renewal before was cut off") {
  int version = 1;
  int patches = 0;
  std::string holder;
  std::promise<void> cut;
  fakes::FakeTransport transport([&](const Request& request) -> base::Result<Response> {
    if (request.method == Method::Patch) {
      const auto body = json::Document::parse(request.body).value();
      if (body["metadata"]["resourceVersion"].string() != std::to_string(version))
        return Response{409, R"({"kind":"Status","reason":"Conflict"})"};
      ++version;
      holder = body["spec"]["holderIdentity"].string();
      if (++patches == 2) {
        cut.set_value();
        return base::fail(base::ErrorKind::Unavailable, "the answer is lost");
      }
    }
    return Response{
        200,
        fmt::format(R"({{"metadata":{{"resourceVersion":"{}"}},"spec":{{"holderIdentity":"{}"}}}})",
                    version, holder)};
  });
  const base::SystemClock clock;
  LeaderElector elector(transport, clock, patient_options(1s));
  elector.start();
  REQUIRE(cut.get_future().wait_for(kPatience) == std::future_status::ready);
  elector.stop();
  CHECK(holder.empty());
}

TEST_CASE("an elector whose memory runs out goes on, and gives its lease up at the end") {
  int patches = 0;
  std::string holder;
  std::promise<void> renewed;
  fakes::FakeTransport transport([&](const Request& request) -> base::Result<Response> {
    if (request.method == Method::Patch) {
      ++patches;
      if (patches == 2) throw std::bad_alloc();
      if (patches == 3) renewed.set_value();
      holder = json::Document::parse(request.body).value()["spec"]["holderIdentity"].string();
    }
    return Response{
        200,
        fmt::format(R"({{"metadata":{{"resourceVersion":"1"}},"spec":{{"holderIdentity":"{}"}}}})",
                    holder)};
  });
  const base::SystemClock clock;
  LeaderElector elector(transport, clock, patient_options(10ms));
  elector.start();
  REQUIRE(renewed.get_future().wait_for(kPatience) == std::future_status::ready);
  CHECK(elector.is_leader());
  elector.stop();
  CHECK(holder.empty());
}
