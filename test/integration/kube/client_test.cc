// The client against a real API server.
#include "base/clock.h"
#include "integration/kube/real_server.h"
#include "kube/events.h"
#include "kube/leader_elector.h"
#include "kube/reader.h"
#include "kube/reflector.h"
#include "kube/writer.h"

#include <catch2/catch.hpp>

#include <condition_variable>
#include <future>
#include <mutex>
#include <set>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;

namespace {

const std::string kNamespace = "default";

ObjectRef config_map(const std::string& name) { return {kConfigMaps, kNamespace, name}; }

std::string body_of(const std::string& kind, const std::string& name, const std::string& rest) {
  return R"({"apiVersion":"v1","kind":")" + kind + R"(","metadata":{"name":")" + name +
         R"(","labels":{"test":")" + name + R"("}})" + rest + "}";
}

json::Document create_pod(const Writer& writer, const std::string& name) {
  auto created = writer.create(kPods, kNamespace,
                               body_of("Pod", name,
                                       R"(,"spec":{"containers":[{"name":"c","image":"i"}],)"
                                       R"("nodeName":"no-such-node"})"));
  if (!created) throw std::runtime_error(created.error().message);
  return std::move(*created);
}

// Names of the objects that a reflector knows, from another thread.
class Mirror {
 public:
  Reflector::Handler handler() {
    return [this](const WatchEvent& event) {
      const std::lock_guard lock(mutex_);
      const std::string name = event.object["metadata"]["name"].string();
      if (event.kind == WatchEvent::Kind::Restarted) names_.clear();
      if (event.kind == WatchEvent::Kind::Applied) names_.insert(name);
      if (event.kind == WatchEvent::Kind::Deleted) names_.erase(name);
      if (event.kind == WatchEvent::Kind::Synced) synced_ = true;
      if (event.kind == WatchEvent::Kind::NotServed) not_served_ = true;
      changed_.notify_all();
    };
  }
  bool wait_for_sync() {
    return wait([&] { return synced_; });
  }
  bool wait_for_not_served() {
    return wait([&] { return not_served_; });
  }
  bool wait_for(const std::set<std::string>& names) {
    return wait([&] { return names_ == names; });
  }

 private:
  template <typename Predicate>
  bool wait(Predicate predicate) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, predicate);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<std::string> names_;
  bool synced_ = false;
  bool not_served_ = false;
};

}  // namespace

TEST_CASE("an object is created, read, patched, replaced and deleted") {
  const auto transport = integration::connect();
  if (!transport) return;
  const Reader reader(*transport);
  const Writer writer(*transport);
  const auto object = config_map(integration::fresh_name("object"));
  CHECK(reader.get(object).error().kind == ErrorKind::NotFound);
  const std::string body = body_of("ConfigMap", object.name, R"(,"data":{"a":"1","b":"2"})");
  const auto created = writer.create(kConfigMaps, kNamespace, body);
  REQUIRE(created);
  CHECK(writer.create(kConfigMaps, kNamespace, body).error().kind == ErrorKind::AlreadyExists);

  const auto patched = writer.patch(object, PatchType::Merge, R"({"data":{"a":null}})");
  REQUIRE(patched);
  CHECK((*patched)["data"].string_map() == json::StringMap{{"b", "2"}});
  CHECK(writer.replace(object, created->dump()).error().kind == ErrorKind::Conflict);
  json::Document changed = reader.get(object).value();
  changed.set_string("/data/c", "3");
  CHECK(writer.replace(object, changed.dump()));

  const auto tested =
      writer.patch(object, PatchType::Json, R"([{"op":"test","path":"/data/b","value":"other"}])");
  REQUIRE_FALSE(tested);
  CHECK(tested.error().kind == ErrorKind::Invalid);
  CHECK(writer.patch(object, PatchType::Merge, R"({"data":7})").error().kind == ErrorKind::Invalid);
  CHECK(writer.remove(object, {"not-its-uid"}).error().kind == ErrorKind::Conflict);
  CHECK(writer.remove(object, {(*created)["metadata"]["uid"].string()}));
  CHECK(reader.get(object).error().kind == ErrorKind::NotFound);
}

TEST_CASE("a list in small pages is the same as a list in one") {
  const auto transport = integration::connect();
  if (!transport) return;
  const Reader reader(*transport);
  const Writer writer(*transport);
  const std::string prefix = integration::fresh_name("page");
  for (int i = 0; i < 7; ++i) {
    const std::string name = prefix + "-" + std::to_string(i);
    REQUIRE(writer.create(
        kConfigMaps, kNamespace,
        R"({"metadata":{"name":")" + name + R"(","labels":{"test":")" + prefix + R"("}}})"));
  }
  const Selection select{kNamespace, "test=" + prefix};
  for (const unsigned limit : {1u, 3u, 7u, 500u}) {
    std::set<std::string> names;
    const auto version = reader.list(kConfigMaps, {select, limit}, [&](json::View item) {
      names.insert(item["metadata"]["name"].string());
    });
    REQUIRE(version);
    CHECK_FALSE(version->empty());
    CHECK(names.size() == 7);
  }
  CHECK(writer.remove_collection(kConfigMaps, select));
  int left = 0;
  CHECK(reader.list(kConfigMaps, {select}, [&](json::View) { ++left; }));
  CHECK(left == 0);
}

TEST_CASE("a reflector sees what others write and outlives the server's timeout") {
  const auto transport = integration::connect();
  if (!transport) return;
  const Writer writer(*transport);
  const std::string label = integration::fresh_name("watch");
  const auto create = [&](const std::string& name) {
    return writer.create(
        kConfigMaps, kNamespace,
        R"({"metadata":{"name":")" + name + R"(","labels":{"test":")" + label + R"("}}})");
  };
  const std::string first = label + "-1";
  const std::string second = label + "-2";
  REQUIRE(create(first));
  Mirror mirror;
  ReflectorOptions options{kConfigMaps, {kNamespace, "test=" + label}};
  options.server_timeout = 1s;  // several watches one after another
  Reflector reflector(*transport, options, mirror.handler());
  reflector.start();
  REQUIRE(mirror.wait_for_sync());
  CHECK(mirror.wait_for({first}));
  std::this_thread::sleep_for(2500ms);
  CHECK(create(second));
  CHECK(mirror.wait_for({first, second}));
  CHECK(writer.remove(config_map(first)));
  CHECK(mirror.wait_for({second}));
  CHECK(writer.remove(config_map(second)));
  CHECK(mirror.wait_for({}));
  const auto begin = std::chrono::steady_clock::now();
  reflector.stop();
  CHECK(std::chrono::steady_clock::now() - begin < 500ms);
}

TEST_CASE("a kind that is not installed is not served") {
  const auto transport = integration::connect();
  if (!transport) return;
  constexpr Resource kNothing{"nothing.example.org", "v1", "things", "Thing"};
  Mirror mirror;
  Reflector reflector(*transport, {kNothing}, mirror.handler());
  reflector.start();
  CHECK(mirror.wait_for_not_served());
}

TEST_CASE("a version that was compacted away is Gone") {
  const auto transport = integration::connect();
  if (!transport) return;
  // Version 1 is older than anything that the server's watch cache or a compacted store remembers;
  // a young store may still know it, and then answers with a stream.
  std::stop_source stop;
  auto ended = std::async(std::launch::async, [&] {
    return transport->stream(
        watch_request(kNodes, {{}, "1", 1s}),
        [](std::string_view) -> base::Result<void> { return {}; }, stop.get_token());
  });
  const auto result = ended.get();
  if (!result) CHECK(result.error().kind == ErrorKind::Gone);
}

TEST_CASE("an eviction needs the pod that is meant") {
  const auto transport = integration::connect();
  if (!transport) return;
  const Writer writer(*transport);
  const ObjectRef pod{kPods, kNamespace, integration::fresh_name("pod")};
  const auto created = create_pod(writer, pod.name);
  CHECK(writer.evict(pod, {"not-its-uid"}).error().kind == ErrorKind::Conflict);
  CHECK(writer.evict(pod, {created["metadata"]["uid"].string(), 0}));
  CHECK(Reader(*transport).get(pod).error().kind == ErrorKind::NotFound);
  CHECK(writer.evict(pod).error().kind == ErrorKind::NotFound);
}

TEST_CASE("an eviction that a disruption budget forbids is throttled") {
  const auto transport = integration::connect();
  if (!transport) return;
  const Writer writer(*transport);
  const ObjectRef pod{kPods, kNamespace, integration::fresh_name("pod")};
  constexpr Resource kBudgets{"policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget"};
  create_pod(writer, pod.name);
  REQUIRE(writer.patch(
      pod, PatchType::Strategic,
      R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})",
      "status"));
  REQUIRE(writer.create(kBudgets, kNamespace,
                        R"({"metadata":{"name":")" + pod.name +
                            R"("},"spec":{"minAvailable":1,"selector":{"matchLabels":{"test":")" +
                            pod.name + R"("}}}})"));
  const auto evicted = writer.evict(pod);
  REQUIRE_FALSE(evicted);
  CHECK(evicted.error().kind == ErrorKind::Throttled);
  CHECK(evicted.error().cause == "DisruptionBudget");
  CHECK(writer.remove({kBudgets, kNamespace, pod.name}));
  CHECK(writer.remove(pod, {.grace_period_seconds = 0}));
}

TEST_CASE("events are accepted also with a long message") {
  const auto transport = integration::connect();
  if (!transport) return;
  const EventInfo info{{"v1", "Node", "", "w1", "u"},
                       EventType::Warning,
                       "Test",
                       std::string(5000, 'x'),
                       "flannel-migration-operator"};
  const auto event = make_event(info, base::SystemClock().now());
  const auto created =
      Writer(*transport).create(kEvents, event_namespace(info.object), event.dump());
  if (!created) FAIL(created.error().message);
  CHECK((*created)["message"].string().size() == 1024);
  CHECK((*created)["metadata"]["name"].string().starts_with("w1."));
}

TEST_CASE("a real lease is taken, renewed and handed over") {
  const auto transport = integration::connect();
  if (!transport) return;
  const base::SystemClock clock;
  const std::string name = integration::fresh_name("lease");
  std::promise<void> first;
  std::promise<void> second;
  LeaderElectorOptions options;
  options.lease = {"one", 3s, 2s, 200ms};
  options.ns = kNamespace;
  options.name = name;
  options.on_started = [&] { first.set_value(); };
  LeaderElector one(*transport, clock, options);
  one.start();
  REQUIRE(first.get_future().wait_for(5s) == std::future_status::ready);
  options.lease.identity = "two";
  options.on_started = [&] { second.set_value(); };
  LeaderElector two(*transport, clock, options);
  two.start();
  auto taken = second.get_future();
  CHECK(taken.wait_for(4s) == std::future_status::timeout);
  CHECK(one.is_leader());
  one.stop();
  CHECK(taken.wait_for(2s) == std::future_status::ready);
  two.stop();
  const auto lease = Reader(*transport).get({kLeases, kNamespace, name});
  REQUIRE(lease);
  CHECK((*lease)["spec"]["leaseTransitions"].integer() == 1);
  CHECK(Writer(*transport).remove({kLeases, kNamespace, name}));
}

TEST_CASE("wrong credentials are told with a hint") {
  const char* const path = std::getenv("FM_TEST_KUBECONFIG");
  if (path == nullptr || !integration::connect()) return;
  ClientConfig config = load_kubeconfig({path, "", "", ""}).value();
  config.client_certificate_pem.clear();
  config.client_key_pem.clear();
  config.client_certificate_file.clear();
  config.client_key_file.clear();
  config.token_file.clear();
  config.token = "wrong";
  const auto transport = HttpTransport::make(config).value();
  const auto answer = Reader(*transport).get({kNodes, "", "w1"});
  REQUIRE_FALSE(answer);
  CHECK(answer.error().kind == ErrorKind::Forbidden);
  CHECK(answer.error().message.find("credentials") != std::string::npos);
}
