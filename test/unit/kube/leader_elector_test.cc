#include "kube/leader_elector.h"

#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"
#include "fakes/patience.h"

#include <catch2/catch.hpp>

#include <future>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;

namespace {

// One lease with optimistic locking, as the API server keeps it.
class LeaseServer {
 public:
  base::Result<Response> answer(const Request& request) {
    last_timeout = request.timeout;
    if (down) return base::fail(ErrorKind::Unavailable, "down");
    if (request.method == Method::Get) {
      return version_ == 0 ? Response{404, R"({"kind":"Status","reason":"NotFound"})"}
                           : Response{200, text()};
    }
    const auto body = json::Document::parse(request.body).value();
    if (request.method == Method::Patch &&
        body["metadata"]["resourceVersion"].string() != std::to_string(version_)) {
      return Response{409, R"({"kind":"Status","reason":"Conflict"})"};
    }
    for (const auto& [key, value] : body["spec"].members()) {
      spec_.set("/" + std::string(key), value);
    }
    ++version_;
    return Response{200, text()};
  }
  std::string holder() const { return spec_["holderIdentity"].string(); }

  std::atomic<bool> down = false;
  std::atomic<base::Duration> last_timeout{};

 private:
  std::string text() const {
    json::Document lease;
    lease.set_string("/metadata/resourceVersion", std::to_string(version_));
    lease.set("/spec", spec_.root());
    return lease.dump();
  }

  json::Document spec_;
  int version_ = 0;
};

LeaderElectorOptions options_of(const std::string& identity) {
  LeaderElectorOptions options;
  options.lease = {identity, 300ms, 200ms, 20ms};
  options.ns = "ns";
  options.name = "operator";
  return options;
}

}  // namespace

TEST_CASE("one of two electors leads and the other takes over when it stops") {
  LeaseServer server;
  fakes::FakeTransport transport([&](const Request& r) { return server.answer(r); });
  const base::SystemClock clock;
  std::promise<void> first_leads;
  std::promise<void> second_leads;
  auto options = options_of("one");
  // Longer than a busy machine may let a thread wait.
  options.lease = {"one", 30s, 20s, 20ms};
  options.on_started = [&] { first_leads.set_value(); };
  LeaderElector one(transport, clock, options);
  one.start();
  REQUIRE(first_leads.get_future().wait_for(fakes::kPatience) == std::future_status::ready);
  options.lease.identity = "two";
  options.on_started = [&] { second_leads.set_value(); };
  LeaderElector two(transport, clock, options);
  two.start();
  auto second = second_leads.get_future();
  CHECK(second.wait_for(400ms) == std::future_status::timeout);
  CHECK(one.is_leader());
  CHECK_FALSE(two.is_leader());
  one.stop();
  CHECK_FALSE(one.is_leader());
  REQUIRE(second.wait_for(fakes::kPatience) == std::future_status::ready);
  CHECK(two.is_leader());
  two.stop();
  CHECK(server.holder().empty());
  // The end does not wait long for a server that is silent.
  CHECK(server.last_timeout.load() == 1s);
}

TEST_CASE("a leader that cannot renew stops leading at the deadline and says so") {
  LeaseServer server;
  fakes::FakeTransport transport([&](const Request& r) { return server.answer(r); });
  fakes::FakeClock clock;  // so that no starved thread loses it before
  std::promise<void> started;
  std::promise<void> lost;
  auto options = options_of("one");
  options.on_started = [&] { started.set_value(); };
  options.on_lost = [&] { lost.set_value(); };
  LeaderElector elector(transport, clock, options);
  elector.start();
  REQUIRE(started.get_future().wait_for(fakes::kPatience) == std::future_status::ready);
  server.down = true;
  clock.advance(200ms);
  REQUIRE(lost.get_future().wait_for(fakes::kPatience) == std::future_status::ready);
  CHECK_FALSE(elector.is_leader());
  elector.stop();
}

TEST_CASE("the deadline passes by the clock whatever the elector's thread does") {
  LeaseServer server;
  fakes::FakeTransport transport([&](const Request& r) { return server.answer(r); });
  fakes::FakeClock clock;
  std::promise<void> started;
  auto options = options_of("one");
  options.lease = {"one"};
  options.on_started = [&] { started.set_value(); };
  LeaderElector elector(transport, clock, options);
  elector.start();
  REQUIRE(started.get_future().wait_for(fakes::kPatience) == std::future_status::ready);
  clock.advance(9999ms);
  CHECK(elector.is_leader());
  clock.advance(1ms);
  CHECK_FALSE(elector.is_leader());
  elector.stop();
}
