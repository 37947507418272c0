#include "kube/reflector.h"

#include "fakes/fake_transport.h"
#include "fakes/patience.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <new>

using namespace kube;
using namespace std::chrono_literals;

namespace {

// What a handler was told, as words, from another thread.
class Log {
 public:
  Reflector::Handler handler() {
    return [this](const WatchEvent& event) {
      const std::lock_guard lock(mutex_);
      std::string word(to_string(event.kind));
      const std::string name = event.object["metadata"]["name"].string();
      words_.push_back(name.empty() ? word : word + " " + name);
      changed_.notify_all();
    };
  }
  std::vector<std::string> first(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, fakes::kPatience, [&] { return words_.size() >= count; });
    return words_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> words_;
};

// A wait that no test sees the end of.
constexpr auto kLong = 2 * fakes::kPatience;

bool is_watch(const Request& request) {
  return request.path.find("watch=true") != std::string::npos;
}

const std::string kTwoNodes =
    R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"5"},
        "items":[{"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})";
const std::string kLines =
    R"({"type":"MODIFIED","object":{"kind":"Node","apiVersion":"v1","metadata":{"name":"a","resourceVersion":"6"}}})"
    "\n"
    R"({"type":"DELETED","object":{"kind":"Node","apiVersion":"v1","metadata":{"name":"b","resourceVersion":"7"}}})"
    "\n";

}  // namespace

TEST_CASE("a reflector hands out what is there and then what changes") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{200, is_watch(request) ? kLines : kTwoNodes};
  });
  transport.hold_watches();
  Log log;
  Reflector reflector(transport, {kNodes}, log.handler());
  reflector.start();
  CHECK(log.first(6) == std::vector<std::string>{"Restarted", "Applied a", "Applied b", "Synced",
                                                 "Applied a", "Deleted b"});
  reflector.stop();
  CHECK(transport.requests()[1].path.find("resourceVersion=5") != std::string::npos);
}

TEST_CASE("a watch that ended is opened again from the last version") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{200, is_watch(request) ? kLines : kTwoNodes};
  });
  Log log;
  Reflector reflector(transport, {kNodes}, log.handler());
  reflector.start();
  REQUIRE(transport.wait_for_requests(3));
  reflector.stop();
  CHECK(transport.requests()[2].path.find("resourceVersion=7") != std::string::npos);
}

TEST_CASE("a reflector in a silent watch stops at once") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{200, is_watch(request) ? "" : kTwoNodes};
  });
  transport.hold_watches();
  Log log;
  Reflector reflector(transport, {kNodes}, log.handler());
  reflector.start();
  REQUIRE(transport.wait_for_requests(2));
  reflector.stop();  // or it would hang: the watch does not end by itself
  CHECK(log.first(4).size() == 4);
}

TEST_CASE("a reflector that waits to try again stops at once") {
  fakes::FakeTransport transport([](const Request&) -> base::Result<Response> {
    return base::fail(base::ErrorKind::Unavailable, "nobody there");
  });
  Log log;
  Reflector reflector(transport, {kNodes, {}, WatchMode::Full, {kLong, kLong, 2.0}}, log.handler());
  reflector.start();
  CHECK(log.first(1) == std::vector<std::string>{"Failed"});
  const auto begin = std::chrono::steady_clock::now();
  reflector.stop();
  CHECK(std::chrono::steady_clock::now() - begin < kLong / 2);
}

TEST_CASE("a reflector that starts from now asks for one object only") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{200, is_watch(request) ? kLines : kTwoNodes};
  });
  transport.hold_watches();
  Log log;
  Reflector reflector(transport, {kNodes, {}, WatchMode::FromNow}, log.handler());
  reflector.start();
  CHECK(log.first(4) == std::vector<std::string>{"Restarted", "Synced", "Applied a", "Deleted b"});
  reflector.stop();
  CHECK(transport.requests()[0].path == "/api/v1/nodes?limit=1");
}

TEST_CASE("a malformed line makes a reflector list again") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{200, is_watch(request) ? "{broken\n" : kTwoNodes};
  });
  Log log;
  Reflector reflector(transport, {kNodes, {}, WatchMode::Full, {1ms, 1ms, 1.0}}, log.handler());
  reflector.start();
  const auto words = log.first(6);
  reflector.stop();
  CHECK(words[4] == "Failed");
  CHECK(words[5] == "Restarted");
}

TEST_CASE("a line about another kind makes a reflector list again") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{
        200, is_watch(request)
                 ? R"({"type":"ADDED","object":{"kind":"Pod","apiVersion":"v1","metadata":{}}})"
                   "\n"
                 : kTwoNodes};
  });
  Log log;
  Reflector reflector(transport, {kNodes, {}, WatchMode::Full, {1ms, 1ms, 1.0}}, log.handler());
  reflector.start();
  const auto words = log.first(6);
  reflector.stop();
  CHECK(words[4] == "Failed");
  CHECK(words[5] == "Restarted");
}

TEST_CASE("what is thrown on a reflector's thread is told to its owner") {
  fakes::FakeTransport transport([](const Request&) { return Response{200, kTwoNodes}; });
  std::promise<std::exception_ptr> told;
  ReflectorOptions options{kNodes};
  options.on_thrown = [&](std::exception_ptr thrown) { told.set_value(std::move(thrown)); };
  Reflector reflector(transport, options, [](const WatchEvent&) { throw std::bad_alloc(); });
  reflector.start();
  auto thrown = told.get_future();
  REQUIRE(thrown.wait_for(fakes::kPatience) == std::future_status::ready);
  CHECK_THROWS_AS(std::rethrow_exception(thrown.get()), std::bad_alloc);
}
