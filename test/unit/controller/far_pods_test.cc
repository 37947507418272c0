#include "controller/far_pods.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

api::Pod pod(const std::string& uid, const std::string& address, const std::string& version = "1") {
  auto made = build::a_pod(uid, "w1", build::with_ip(address));
  made.meta.uid = uid;
  made.meta.resource_version = version;
  return made;
}

PodAddress entry(const std::string& uid, const std::string& address) {
  return ipv6_address_of(pod(uid, address)).value();
}

struct World {
  SnapshotBuilder snapshot{{}};
  std::vector<std::uint64_t> lists;
  FarPods far{snapshot, [this](auto generation) { lists.push_back(generation); }};

  World() {
    snapshot.apply(build::a_node("w1", build::with_pod_cidr("fd00:10:244:1::/64")));
    far.watch_synced();
  }
  void answer(const std::vector<PodAddress>& pods, const std::string& version) {
    far.listed(pods, version, lists.back());
  }
  std::vector<std::string> known() const {
    std::vector<std::string> all;
    for (const auto& [node, pods] : snapshot.state().far_pods.value()) {
      for (const auto& [uid, address] : pods) all.push_back(uid);
    }
    return all;
  }
};

using Uids = std::vector<std::string>;

}  // namespace

TEST_CASE("all pods are listed once, when IPv6 matters, and only far ones are kept") {
  World world;
  world.far.pod_applied(pod("early", "fd00:10:244:1::1000"));
  CHECK(world.lists.empty());
  world.far.want(true);
  world.far.want(true);
  REQUIRE(world.lists.size() == 1);
  CHECK_FALSE(world.snapshot.state().far_pods);
  world.answer({entry("a", "fd00:10:244:1::1000"), entry("b", "fd00:10:244:1::10")}, "10");
  CHECK(world.known() == Uids{"a"});
  world.far.want(false);
  CHECK_FALSE(world.snapshot.state().far_pods);
}

TEST_CASE("far pods are followed by the watch, a list that is under way included") {
  World world;
  world.far.want(true);
  world.far.pod_applied(pod("new", "fd00:10:244:1::2000", "11"));
  world.far.pod_deleted(pod("old", "fd00:10:244:1::3000", "9"));
  world.far.pod_deleted(pod("gone", "fd00:10:244:1::4000", "12"));
  world.answer({entry("old", "fd00:10:244:1::3000"), entry("gone", "fd00:10:244:1::4000")}, "10");
  CHECK(world.known() == Uids{"new", "old"});
  world.far.pod_deleted(pod("old", "fd00:10:244:1::3000", "13"));
  world.far.pod_applied(pod("late", "fd00:10:244:1::5000", "14"));
  world.far.pod_applied(pod("host", "fd00:10:244:1::6000", "9"));
  CHECK(world.known() == Uids{"late", "new"});
}

TEST_CASE("after the watch began anew, all pods are listed again, and known ones stay till then") {
  World world;
  world.far.want(true);
  world.answer({entry("a", "fd00:10:244:1::1000")}, "10");
  world.far.watch_restarted();
  world.far.watch_synced();
  CHECK(world.lists.size() == 2);
  CHECK(world.known() == Uids{"a"});
  world.far.list_failed(world.lists.back());
  CHECK(world.lists.size() == 3);
  world.far.listed({}, "20", world.lists.front());
  CHECK(world.known() == Uids{"a"});
  world.answer({}, "20");
  CHECK(world.known().empty());
}

TEST_CASE("pods of the host's network and without IPv6 are not looked at") {
  CHECK_FALSE(ipv6_address_of(pod("a", "10.244.1.7")));
  CHECK_FALSE(
      ipv6_address_of(build::a_pod("h", "w1", build::with_ip("fc00::1"), build::host_network())));
}
