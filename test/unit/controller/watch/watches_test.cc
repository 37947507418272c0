#include "controller/watch/watches.h"

#include "fakes/build/objects.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"
#include "unit/controller/strand.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <latch>

using namespace controller;
using namespace std::chrono_literals;
using migration::Unseen;

namespace {

// A cluster with one pool, as every list of pools says at version 50.
struct World {
  fakes::FakeClock clock;
  SnapshotBuilder snapshot{{}};
  NodePodTracker pods{snapshot, clock, [](const std::string&, std::uint64_t) {}};
  std::string served = "ippools";
  int other_status = 200;
  std::string refused = "none";  // part of a path
  int refused_status = 403;
  int all_pods_status = 200;
  std::string event_of_nodes;          // that their watch begins with
  std::atomic<bool> restored = false;  // the store, from a backup: its versions go back
  fakes::FakeTransport transport{[this](const kube::Request& request) { return answer(request); }};
  controller_test::Strand strand;
  int changes = 0;
  ClusterPodIndex all_pods{snapshot, [](std::uint64_t) {}};
  Metrics metrics;
  Watches watches{strand.io, transport, snapshot, pods,
                  all_pods,  metrics,   "ours",   [this] { ++changes; }};

  World() { transport.hold_watches(); }
  ~World() { watches.stop(); }

  // Waits until each kind and the pods are watched, which is after they are listed.
  std::size_t all_watches_begun() {
    const std::size_t all = all_kinds().size() + 1;
    REQUIRE(strand.run_until([&] { return watches_begun() >= all; }));
    return all;
  }

  kube::Response watch_answer(const std::string& path) const {
    if (!event_of_nodes.empty() && path.rfind("/api/v1/nodes", 0) == 0)
      return {200, event_of_nodes + "\n"};
    if (!restored) return {200, ""};
    return {504, R"({"kind":"Status","reason":"Timeout",)"
                 R"("message":"Too large resource version: 50, current: 20"})"};
  }
  std::string list(const std::string& items) const {
    return fmt::format(R"({{"metadata":{{"resourceVersion":"{}"}},"items":[{}]}})",
                       restored ? 20 : 50, items);
  }
  kube::Response answer(const kube::Request& request) const {
    if (request.path.find("watch=true") != std::string::npos) return watch_answer(request.path);
    if (request.path.find(refused) != std::string::npos)
      return {refused_status, refused_status == 403 ? R"({"kind":"Status","reason":"Forbidden"})"
                                                    : R"({"kind":"Status","reason":"NotFound"})"};
    if (request.path == "/apis/crd.projectcalico.org/v1") {
      return {200, R"({"kind":"APIResourceList","groupVersion":"crd.projectcalico.org/v1",)"
                   R"("resources":[{"name":"ippools"}]})"};
    }
    const bool calico = request.path.find("crd.projectcalico.org") != std::string::npos;
    if (request.path.find("/" + served) != std::string::npos) {
      return {200, list(restored ? R"({"metadata":{"name":"back","resourceVersion":"10"}})"
                                 : R"({"metadata":{"name":"listed","resourceVersion":"40"}})")};
    }
    if (request.path.find("metadata.name%3Dlost") != std::string::npos && !restored) {
      return {200, list(R"({"metadata":{"namespace":"ns","name":"lost","resourceVersion":"41"}})")};
    }
    if (request.path.rfind("/api/v1/pods", 0) == 0 && all_pods_status != 200)
      return {all_pods_status, R"({"kind":"Status"})"};
    if (calico && other_status == 404) return {404, R"({"kind":"Status","reason":"NotFound"})"};
    if (calico && other_status == 403) return {403, R"({"kind":"Status","reason":"Forbidden"})"};
    return {200, list("")};
  }
  std::size_t watches_begun() const {
    const auto all = transport.requests();
    return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const auto& request) {
      return request.path.find("watch=true") != std::string::npos;
    }));
  }
  void start() {
    watches.start();
    REQUIRE(strand.run_until([this] { return watches.ready(); }));
  }
};

api::IpPool pool(const std::string& name, const std::string& version) {
  auto made = build::a_pool(name, "10.244.0.0/16");
  made.meta.resource_version = version;
  return made;
}

}  // namespace

TEST_CASE("everything has been read when the watches are ready") {
  World world;
  CHECK(world.watches.ready());  // nothing is watched yet
  world.start();
  CHECK(world.snapshot.state().pools.contains("listed"));
  CHECK(world.snapshot.state().unseen.empty());
  CHECK(world.pods.synced());
  CHECK(world.changes > 0);
}

TEST_CASE("the watch of all pods is waited for beside the one of the agent's pods") {
  World world;
  world.all_pods_status = 500;
  world.watches.start();
  REQUIRE(world.strand.run_until([&] { return world.watches_begun() == all_kinds().size(); }));
  world.strand.io.restart();
  world.strand.io.poll();
  CHECK_FALSE(world.watches.ready());
}

TEST_CASE("a bookmark of the watch of nodes tells how far nodes are known, as an event does") {
  World world;
  const std::string type = GENERATE(as<std::string>(), "BOOKMARK", "MODIFIED");
  world.event_of_nodes = fmt::format(R"({{"type":"{}","object":{{"kind":"Node","apiVersion":"v1",)"
                                     R"("metadata":{{"name":"w1","resourceVersion":"57"}}}}}})",
                                     type);
  world.start();
  CHECK(world.strand.run_until([&] { return world.snapshot.state().nodes_version == "57"; }));
  CHECK(world.snapshot.state().nodes.empty() == (type == "BOOKMARK"));
}

TEST_CASE("a list takes away what it is newer than") {
  World world;
  world.snapshot.apply(pool("old", "45"));
  world.snapshot.apply(pool("written", "55"));
  world.start();
  CHECK_FALSE(world.snapshot.state().pools.contains("old"));
  CHECK(world.snapshot.state().pools.contains("written"));
}

TEST_CASE("kinds that are not served, or may not be read, are known when the watches are ready") {
  World world;
  SECTION("not served") {
    world.other_status = 404;
    world.start();
    CHECK(world.snapshot.state().unseen.at("ipamblocks") == Unseen::NotServed);
    CHECK_FALSE(world.snapshot.state().unseen.contains("ippools"));
  }
  SECTION("forbidden") {
    world.other_status = 403;
    world.start();
    CHECK(world.snapshot.state().unseen.at("ipamblocks") == Unseen::Refused);
  }
}

TEST_CASE("a built-in kind that is answered with 404 is not seen, and never without objects") {
  World world;
  world.snapshot.apply(build::a_node("w1"));
  world.refused = "/api/v1/nodes";
  world.refused_status = 404;
  world.watches.start();
  REQUIRE(world.strand.run_until([&] { return world.snapshot.state().unseen.size() == 1; }));
  CHECK(world.snapshot.state().unseen.at("nodes") == Unseen::NotListed);
  CHECK_FALSE(world.watches.ready());
  CHECK(world.snapshot.state().nodes.size() == 1);
}

TEST_CASE("pods that may not be watched are not seen") {
  World world;
  world.all_pods_status = 403;
  world.start();
  CHECK(world.snapshot.state().unseen.at("pods") == Unseen::Refused);
}

TEST_CASE("a ConfigMap that may not be read is not taken for absent") {
  World world;
  world.start();
  world.refused = "/namespaces/ns/configmaps";
  world.watches.want_config_maps({{"ns", "listed"}});
  CHECK(world.snapshot.state().unseen.at("configmap ns/listed") == Unseen::NotListed);
  REQUIRE(world.strand.run_until([&] { return world.watches.ready(); }));
  CHECK(world.snapshot.state().unseen.at("configmap ns/listed") == Unseen::Refused);
}

TEST_CASE("a ConfigMap is watched by name while it matters") {
  World world;
  world.start();
  world.watches.want_config_maps({{"ns", "listed"}});
  CHECK_FALSE(world.watches.ready());
  REQUIRE(world.strand.run_until([&] { return world.watches.ready(); }));
  CHECK(world.snapshot.state().config_maps.empty());
  world.snapshot.apply(build::a_config_map("ns", "listed", {}));
  world.watches.want_config_maps({});
  CHECK(world.snapshot.state().config_maps.empty());
}

TEST_CASE("a store that was restored from a backup is believed although its versions are lower") {
  World world;
  world.start();
  world.watches.want_config_maps({{"ns", "lost"}});
  const auto& state = world.snapshot.state();
  REQUIRE(world.strand.run_until([&] { return state.config_maps.contains({"ns", "lost"}); }));
  REQUIRE(world.strand.run_until([&] { return world.watches_begun() > all_kinds().size() + 1; }));
  world.restored = true;
  world.transport.end_watches();
  CHECK(world.strand.run_until([&] {
    return state.pools.contains("back") && !state.pools.contains("listed") &&
           state.config_maps.empty();
  }));
}

TEST_CASE("what the watch of a ConfigMap told before its end is not kept after it") {
  World world;
  world.served = "configmaps";
  world.start();
  const std::size_t before = world.all_watches_begun();
  world.watches.want_config_maps({{"", "listed"}});
  while (world.watches_begun() == before) std::this_thread::yield();  // the list was handed out
  world.watches.want_config_maps({});
  world.strand.io.restart();
  world.strand.io.poll();
  REQUIRE(world.strand.run_until([&] { return world.snapshot.state().config_maps.empty(); }));
  CHECK(world.watches.ready());
}

TEST_CASE("a ConfigMap that matters again while its watch ends gets another one") {
  World world;
  world.served = "configmaps";
  world.start();
  const std::size_t before = world.all_watches_begun();
  world.watches.want_config_maps({{"", "listed"}});
  REQUIRE(world.strand.run_until([&] { return world.watches.ready(); }));
  REQUIRE(world.strand.run_until([&] { return world.watches_begun() == before + 1; }));
  world.watches.want_config_maps({});
  world.watches.want_config_maps({{"", "listed"}});
  CHECK_FALSE(world.watches.ready());
  REQUIRE(world.strand.run_until([&] { return world.watches_begun() == before + 2; }));
  REQUIRE(world.strand.run_until([&] { return world.watches.ready(); }));
  CHECK(world.snapshot.state().config_maps.contains({"", "listed"}));
}

namespace {

// A server whose answers about ConfigMaps come when the test lets them.
struct StuckTransport : kube::Transport {
  std::latch asked{1};
  std::latch answered{1};

  base::Result<kube::Response> send(const kube::Request&) override {
    return base::fail(base::ErrorKind::Unavailable, "away");
  }
  base::Result<void> stream(const kube::Request&, const OnChunk&, const std::stop_token&) override {
    if (!asked.try_wait()) asked.count_down();
    answered.wait();
    return base::fail(base::ErrorKind::Unavailable, "away");
  }
};

}  // namespace

TEST_CASE("a watch that does not end at once keeps nobody waiting") {
  fakes::FakeClock clock;
  SnapshotBuilder snapshot{{}};
  NodePodTracker pods{snapshot, clock, [](const std::string&, std::uint64_t) {}};
  ClusterPodIndex all_pods{snapshot, [](std::uint64_t) {}};
  StuckTransport transport;
  controller_test::Strand strand;
  Metrics metrics;
  Watches watches{strand.io, transport, snapshot, pods, all_pods, metrics, "ours", [] {}};
  watches.want_config_maps({{"ns", "a"}});
  transport.asked.wait();
  auto end = std::async(std::launch::async, [&] { watches.want_config_maps({}); });
  const bool ended = end.wait_for(60s) == std::future_status::ready;
  transport.answered.count_down();
  CHECK(ended);
  end.wait();
  watches.stop();
}
