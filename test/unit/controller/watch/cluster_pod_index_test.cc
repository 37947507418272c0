#include "controller/watch/cluster_pod_index.h"

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

PodSummary entry(const std::string& uid, const std::string& address) {
  return facts_of(pod(uid, address));
}

struct World {
  SnapshotBuilder snapshot{{}};
  std::vector<std::uint64_t> lists;
  ClusterPodIndex follower{snapshot, [this](auto generation) { lists.push_back(generation); }};

  World() {
    snapshot.apply(build::a_node("w1", build::with_pod_cidr("fd00:10:244:1::/64")));
    follower.watch_synced();
  }
  void answer(const std::vector<PodSummary>& pods, const std::string& version) {
    follower.listed(pods, version, lists.back());
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

TEST_CASE("all pods are listed once, when they are asked for, and only far addresses are kept") {
  World world;
  world.follower.pod_applied(pod("early", "fd00:10:244:1::1000"));
  CHECK(world.lists.empty());
  world.follower.want(true);
  world.follower.want(true);
  REQUIRE(world.lists.size() == 1);
  CHECK_FALSE(world.snapshot.state().far_pods);
  world.answer({entry("a", "fd00:10:244:1::1000"), entry("b", "fd00:10:244:1::10")}, "10");
  CHECK(world.known() == Uids{"a"});
  world.follower.want(false);
  CHECK_FALSE(world.snapshot.state().far_pods);
}

TEST_CASE("far pods are followed by the watch, a list that is under way included") {
  World world;
  world.follower.want(true);
  world.follower.pod_applied(pod("new", "fd00:10:244:1::2000", "11"));
  world.follower.pod_deleted(pod("old", "fd00:10:244:1::3000", "9"));
  world.follower.pod_deleted(pod("gone", "fd00:10:244:1::4000", "12"));
  world.answer({entry("old", "fd00:10:244:1::3000"), entry("gone", "fd00:10:244:1::4000")}, "10");
  CHECK(world.known() == Uids{"new", "old"});
  world.follower.pod_deleted(pod("old", "fd00:10:244:1::3000", "13"));
  world.follower.pod_applied(pod("late", "fd00:10:244:1::5000", "14"));
  world.follower.pod_applied(pod("host", "fd00:10:244:1::6000", "9"));
  CHECK(world.known() == Uids{"late", "new"});
}

TEST_CASE("after the watch began anew, all pods are listed again, and known ones stay till then") {
  World world;
  world.follower.want(true);
  world.answer({entry("a", "fd00:10:244:1::1000")}, "10");
  world.follower.watch_restarted();
  world.follower.watch_synced();
  CHECK(world.lists.size() == 2);
  CHECK(world.known() == Uids{"a"});
  world.follower.list_failed(world.lists.back());
  CHECK(world.lists.size() == 3);
  world.follower.listed({}, "20", world.lists.front());
  CHECK(world.known() == Uids{"a"});
  world.answer({}, "20");
  CHECK(world.known().empty());
}

TEST_CASE("pods of the host's network and without IPv6 have no address that matters") {
  CHECK_FALSE(facts_of(pod("a", "10.244.1.7")).any());
  CHECK_FALSE(
      facts_of(build::a_pod("h", "w1", build::with_ip("fc00::1"), build::host_network())).any());
}

TEST_CASE("pods that nobody makes again are kept until they have gone or have ended") {
  World world;
  world.follower.want(true);
  auto lone = build::a_pod("lone", "w1", build::bare());
  lone.meta.uid = "lone";
  lone.meta.resource_version = "5";
  auto fixed = build::a_pod("fixed", "w1", build::static_pod());
  fixed.meta.uid = "fixed";
  world.answer({facts_of(lone), facts_of(fixed)}, "10");
  const auto& kept = world.snapshot.state().lone_pods.value().at("w1");
  CHECK(kept.size() == 2);
  CHECK(kept.at("fixed").mirror);
  CHECK(kept.at("lone") == migration::LonePod{api::key_of(lone.meta), false});
  fixed.meta.resource_version = "11";
  world.follower.pod_deleted(fixed);
  CHECK(kept.size() == 1);
  lone.meta.resource_version = "12";
  lone.phase = "Succeeded";
  world.follower.pod_applied(lone);
  CHECK(kept.empty());
  world.follower.want(false);
  CHECK_FALSE(world.snapshot.state().lone_pods);
}

TEST_CASE("pods of flannel's DaemonSets are kept until they have gone, and no other set's") {
  using namespace build;
  World world;
  world.snapshot.apply(a_flannel_set());
  world.snapshot.apply(a_calico_node_set());
  world.follower.want(true);
  const auto pod_of = [](const std::string& set, const std::string& version) {
    auto made = a_pod(set, "w1", host_network(), owned_by("DaemonSet", set, "uid-" + set));
    made.meta.ns = set == "calico-node" ? "kube-system" : "kube-flannel";
    made.meta.uid = set;
    made.meta.resource_version = version;
    made.ready = true;
    return made;
  };
  auto flannel = pod_of("kube-flannel-ds", "5");
  world.answer(
      {facts_of(flannel), facts_of(pod_of("calico-node", "5")), facts_of(pod_of("unknown", "5"))},
      "10");
  const auto& kept = world.snapshot.state().flannel_pods.value().at("w1");
  REQUIRE(kept.size() == 2);
  CHECK(kept.contains("unknown"));
  CHECK(kept.at("kube-flannel-ds").ready);
  CHECK(kept.at("kube-flannel-ds").set_uid == "uid-kube-flannel-ds");
  flannel.meta.resource_version = "11";
  flannel.meta.deleting = start_time();
  world.follower.pod_applied(flannel);
  CHECK_FALSE(kept.at("kube-flannel-ds").ready);
  flannel.meta.resource_version = "12";
  world.follower.pod_deleted(flannel);
  CHECK(kept.size() == 1);
  world.follower.want(false);
  CHECK_FALSE(world.snapshot.state().flannel_pods);
}

TEST_CASE("a pod that is missed by nobody, and one that is on no node yet, is not a lone one") {
  using namespace build;
  CHECK(migration::lone_pod(a_pod("a", "w1", bare())));
  CHECK_FALSE(migration::lone_pod(a_pod("a", "w1")));
  CHECK_FALSE(migration::lone_pod(a_pod("a", "", bare())));
  CHECK_FALSE(migration::lone_pod(a_pod("a", "w1", bare(), host_network())));
  CHECK_FALSE(migration::lone_pod(a_pod("a", "w1", bare(), terminating())));
  CHECK_FALSE(migration::lone_pod(a_pod("a", "w1", bare(), in_phase("Succeeded"))));
}

TEST_CASE("what is kept of all pods is the list's, also when versions went back") {
  World world;
  world.follower.want(true);
  world.answer({facts_of(pod("gone", "fd00:10:244:1::1000", "900"))}, "950");
  world.follower.watch_restarted();
  world.follower.watch_synced();
  world.answer({facts_of(pod("a", "fd00:10:244:1::2000", "70"))}, "100");
  world.follower.pod_applied(pod("b", "fd00:10:244:1::3000", "101"));
  CHECK(world.known() == Uids{"a", "b"});
}
