#include "kube/host_lookup.h"

#include "fakes/patience.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <future>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;
using fakes::kPatience;
using std::chrono::steady_clock;

namespace {

// A resolver that says nothing until it is let go.
struct SilentResolver {
  std::shared_ptr<std::promise<void>> speak = std::make_shared<std::promise<void>>();
  std::shared_future<void> speaks = speak->get_future().share();
  std::shared_ptr<std::atomic<int>> asked = std::make_shared<std::atomic<int>>(0);

  HostLookup::Resolve resolve() const {
    return [speaks = speaks, asked = asked](const std::string&, int) {
      ++*asked;
      asked->notify_all();
      speaks.wait();
      return base::Result<SocketAddresses>(SocketAddresses(1));
    };
  }
};

}  // namespace

TEST_CASE("a lookup that the resolver does not answer ends at its deadline and when stopped") {
  const SilentResolver resolver;
  HostLookup lookup("api.internal", 443, resolver.resolve());
  CHECK(lookup.find(steady_clock::now() + 10ms, {}).error().kind == ErrorKind::Timeout);
  std::stop_source stop;
  auto stopped = std::async(std::launch::async, [&] {
    return lookup.find(steady_clock::time_point::max(), stop.get_token());
  });
  CHECK(stopped.wait_for(20ms) == std::future_status::timeout);
  stop.request_stop();
  CHECK(stopped.get().error().kind == ErrorKind::Cancelled);
  resolver.asked->wait(0);
  CHECK(*resolver.asked == 1);  // the thread of the first one still waits
  resolver.speak->set_value();
}

TEST_CASE("those that look a host up at the same time share one answer and later ones ask anew") {
  const SilentResolver resolver;
  HostLookup lookup("api.internal", 443, resolver.resolve());
  for (int i = 0; i < 4; ++i) CHECK_FALSE(lookup.find(steady_clock::now() + 10ms, {}));
  resolver.asked->wait(0);
  CHECK(*resolver.asked == 1);
  resolver.speak->set_value();
  CHECK(lookup.find(steady_clock::now() + kPatience, {})->size() == 1);
  const int asked = *resolver.asked;
  CHECK(lookup.find(steady_clock::now() + kPatience, {}));
  CHECK(*resolver.asked == asked + 1);
}

TEST_CASE("an address needs no resolver") {
  const std::string host = GENERATE("127.0.0.1", "::1");
  HostLookup lookup(host, 443);
  const auto found = lookup.find(steady_clock::now() + kPatience, {});
  REQUIRE(found);
  CHECK(found->size() == 1);
  CHECK(found->front().storage.ss_family == (host == "::1" ? AF_INET6 : AF_INET));
}
