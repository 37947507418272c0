#include "controller/watch/node_pod_tracker.h"

#include "fakes/build/objects.h"
#include "fakes/fake_clock.h"

#include <catch2/catch.hpp>

using namespace controller;
using namespace std::chrono_literals;

namespace {

api::Pod pod(const std::string& name, const std::string& rv, const std::string& node = "w1") {
  auto made = build::a_pod(name, node);
  made.meta.resource_version = rv;
  return made;
}

struct World {
  fakes::FakeClock clock;
  SnapshotBuilder snapshot{{}};
  std::vector<std::pair<std::string, std::uint64_t>> lists;
  NodePodTracker tracker{snapshot, clock,
                         [this](const std::string& node, std::uint64_t generation) {
                           lists.emplace_back(node, generation);
                         }};

  World() {
    snapshot.apply(build::a_node("w1"));
    snapshot.apply(build::a_node("w2"));
  }
  void answer(std::vector<api::Pod> pods, const std::string& version) {
    tracker.listed({lists.back().first, version, std::move(pods)}, lists.back().second);
  }
  bool known(const std::string& node = "w1") const {
    return snapshot.state().nodes.at(node).pods.has_value();
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [uid, found] : snapshot.state().nodes.at("w1").pods.value())
      all.push_back(found.meta.name + "@" + found.meta.resource_version);
    return all;
  }
};

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a node is listed once, when a plan wants it and the watch runs") {
  World world;
  world.tracker.want({"w1"});
  CHECK(world.lists.empty());
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  REQUIRE(world.lists.size() == 1);
  CHECK_FALSE(world.known());
  world.answer({pod("a", "5")}, "10");
  world.tracker.want({"w1"});
  CHECK(world.lists.size() == 1);
  CHECK(world.names() == Names{"a@5"});
  world.tracker.want({"w1", "w2"});
  CHECK(world.lists.size() == 2);
  CHECK(world.lists.back().first == "w2");
}

TEST_CASE("events that come before the list's answer count when they are newer") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.tracker.pod_applied(pod("gone-before", "7"));
  world.tracker.pod_applied(pod("changed", "12"));
  world.tracker.pod_applied(pod("new", "13"));
  world.tracker.pod_deleted(pod("deleted", "14"));
  world.tracker.pod_applied(pod("other", "15", "w2"));
  CHECK_FALSE(world.known());
  world.answer({pod("changed", "9"), pod("deleted", "8"), pod("same", "3")}, "10");
  CHECK(world.names() == Names{"changed@12", "new@13", "same@3"});
}

TEST_CASE("events that come after a newer list are left out") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.answer({pod("a", "9")}, "10");
  world.tracker.pod_applied(pod("gone-before", "7"));
  world.tracker.pod_applied(pod("a", "8"));
  CHECK(world.names() == Names{"a@9"});
  world.tracker.pod_applied(pod("a", "11"));
  world.tracker.pod_applied(pod("b", "12"));
  CHECK(world.names() == Names{"a@11", "b@12"});
  world.tracker.pod_deleted(pod("a", "13"));
  CHECK(world.names() == Names{"b@12"});
}

TEST_CASE("after a restart of the watch every node is listed again") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.answer({pod("a", "9")}, "10");
  const auto old = world.lists.back();
  world.tracker.watch_restarted();
  CHECK_FALSE(world.tracker.synced());
  world.tracker.want({"w1", "w2"});
  CHECK(world.lists.size() == 1);
  world.tracker.watch_synced();
  CHECK(world.lists.size() == 3);
  CHECK_FALSE(world.known());
  world.tracker.listed({"w1", "10", {pod("stale", "9")}}, old.second);
  CHECK_FALSE(world.known());
  world.tracker.listed({"w1", "20", {pod("b", "15")}}, world.lists[1].second);
  CHECK(world.names() == Names{"b@15"});
}

TEST_CASE("a node that no plan wants is forgotten after a while") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.answer({pod("a", "9")}, "10");
  world.clock.advance(9s);
  world.tracker.want({});
  CHECK(world.known());
  world.clock.advance(2s);
  world.tracker.want({});
  CHECK_FALSE(world.known());
  world.tracker.pod_applied(pod("b", "11"));
  CHECK_FALSE(world.known());
  world.tracker.want({"w1"});
  CHECK(world.lists.size() == 2);
}

TEST_CASE("a list that failed is made again when it is wanted") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.tracker.list_failed("w1", world.lists[0].second + 1);
  world.tracker.want({"w1"});
  CHECK(world.lists.size() == 1);
  world.tracker.list_failed("w1", world.lists[0].second);
  world.tracker.want({"w1"});
  REQUIRE(world.lists.size() == 2);
  CHECK(world.lists[1].second != world.lists[0].second);
  world.tracker.listed({"w1", "10", {}}, world.lists[0].second);
  CHECK_FALSE(world.known());
  world.answer({}, "11");
  CHECK(world.names().empty());
}

TEST_CASE("a node that was replaced is listed again") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.answer({pod("a", "9")}, "10");
  world.snapshot.remove(Kind::Nodes, build::a_node("w1").meta);
  world.tracker.want({"w1"});
  CHECK(world.lists.size() == 1);
  auto back = build::a_node("w1");
  back.meta.uid = "another";
  world.snapshot.apply(back);
  world.tracker.want({"w1"});
  world.tracker.want({"w1"});
  CHECK(world.lists.size() == 2);
  world.answer({pod("b", "12")}, "13");
  CHECK(world.names() == Names{"b@12"});
}

TEST_CASE("pods of a node are those of its list, also when versions went back") {
  World world;
  world.tracker.watch_synced();
  world.tracker.want({"w1"});
  world.answer({pod("kept", "900"), pod("gone", "901")}, "950");
  world.tracker.watch_restarted();
  world.tracker.watch_synced();
  world.tracker.pod_applied(pod("new", "101"));
  world.answer({pod("kept", "70")}, "100");
  CHECK(world.names() == Names{"kept@70", "new@101"});
}
