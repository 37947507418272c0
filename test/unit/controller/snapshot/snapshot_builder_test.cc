#include "unit/controller/versioned.h"

#include <catch2/catch.hpp>

using namespace controller;
using migration::Unseen;

TEST_CASE("only migrations and DaemonSets change what is of interest") {
  SnapshotBuilder snapshot{{}};
  auto last = snapshot.interests();
  const auto changes = [&] {
    const bool other = last != snapshot.interests();
    last = snapshot.interests();
    return other;
  };
  snapshot.apply(build::a_node("w1"));
  snapshot.list_begins(Kind::Nodes);
  snapshot.list_ends(Kind::Nodes);
  CHECK_FALSE(changes());
  snapshot.apply(build::a_flannel_set());
  CHECK(changes());
  snapshot.apply(build::a_migration());
  CHECK(changes());
  snapshot.list_begins(Kind::DaemonSets);
  snapshot.list_ends(Kind::DaemonSets);
  CHECK(changes());
  snapshot.remove(Kind::FlannelMigrations, build::a_migration().meta);
  CHECK(changes());
}

TEST_CASE("a list that ends removes what was not handed out") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_node("w1"), "1"));
  snapshot.apply(version(build::a_node("w2"), "2"));
  snapshot.apply(pool("3"));
  snapshot.list_begins(Kind::Nodes);
  snapshot.apply(version(build::a_node("w2"), "2"));
  CHECK(snapshot.state().nodes.size() == 2);
  snapshot.list_ends(Kind::Nodes, "10");
  CHECK(snapshot.state().nodes.size() == 1);
  CHECK(snapshot.state().nodes.contains("w2"));
  CHECK(snapshot.state().pools.size() == 1);
}

TEST_CASE("an end without a begin removes nothing") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_node("w1"), "1"));
  snapshot.list_ends(Kind::Nodes, "10");
  CHECK(snapshot.state().nodes.size() == 1);
}

TEST_CASE("every kind forgets what a list no longer has, or what is deleted") {
  const bool deleted = GENERATE(false, true);
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_migration(), "1"));
  snapshot.apply(version(build::a_node("w1"), "1"));
  snapshot.apply(version(build::a_flannel_set(), "1"));
  snapshot.apply(pool("1"));
  snapshot.apply(version(build::a_felix("{}"), "1"));
  snapshot.apply(version(build::an_ipam_config(true, false), "1"));
  snapshot.apply(version(build::a_block("w1", "10.244.1.0/24"), "1"));
  snapshot.apply(version(build::an_affinity("w1", "10.244.1.0/24"), "1"));
  api::IpamHandle handle;
  handle.meta.name = "flannel-migration-w1";
  handle.handle_id = "flannel-migration-w1";
  snapshot.apply(version(handle, "1"));
  api::ClusterInformation information;
  information.meta.name = "default";
  snapshot.apply(version(information, "1"));
  snapshot.apply_agent(an_agent("a1", "w1", "1"));
  snapshot.apply_agent(an_agent("a2", "nowhere", "1"));
  const auto& state = snapshot.state();
  CHECK(state.nodes.at("w1").agents.size() == 1);
  std::map<Kind, std::vector<api::ObjectStamp>> objects{
      {Kind::AgentPods, {an_agent("a1", "w1", "1").meta, an_agent("a2", "nowhere", "1").meta}},
      {Kind::FlannelMigrations, {state.migrations.front().meta}},
      {Kind::Nodes, {state.nodes.at("w1").node.meta}},
      {Kind::DaemonSets, {state.daemon_sets.begin()->second.meta}},
      {Kind::IpPools, {state.pools.begin()->second.meta}},
      {Kind::FelixConfigurations, {state.felix->meta}},
      {Kind::IpamConfigs, {state.ipam_config->meta}},
      {Kind::IpamBlocks, {state.blocks.begin()->second.meta}},
      {Kind::BlockAffinities, {state.affinities.begin()->second.meta}},
      {Kind::IpamHandles, {state.handles.begin()->second.meta}},
      {Kind::ClusterInformations, {state.cluster_information->meta}},
  };
  for (const Kind kind :
       {Kind::AgentPods, Kind::FlannelMigrations, Kind::Nodes, Kind::DaemonSets, Kind::IpPools,
        Kind::FelixConfigurations, Kind::IpamConfigs, Kind::IpamBlocks, Kind::BlockAffinities,
        Kind::IpamHandles, Kind::ClusterInformations}) {
    if (deleted) {
      for (const auto& object : objects[kind]) snapshot.remove(kind, object);
    } else {
      snapshot.list_begins(kind);
      snapshot.list_ends(kind, "2");
    }
    if (kind == Kind::AgentPods) CHECK(state.nodes.at("w1").agents.empty());
  }
  CHECK(state.migrations.empty());
  CHECK(state.nodes.empty());
  CHECK(state.daemon_sets.empty());
  CHECK(state.pools.empty());
  CHECK_FALSE(state.felix);
  CHECK_FALSE(state.ipam_config);
  CHECK(state.blocks.empty());
  CHECK(state.affinities.empty());
  CHECK(state.handles.empty());
  CHECK_FALSE(state.cluster_information);
  snapshot.apply(version(build::a_node("nowhere"), "3"));
  CHECK(state.nodes.at("nowhere").agents.empty());
}

TEST_CASE("an agent pod that comes before its node waits for it") {
  SnapshotBuilder snapshot({});
  snapshot.apply_agent(an_agent("a1", "w1", "5"));
  snapshot.apply_agent(an_agent("a1", "w1", "4"));
  snapshot.apply_agent(an_agent("a2", "w2", "6"));
  snapshot.apply_agent(an_agent("a3", "w1", "7"));
  snapshot.remove(Kind::AgentPods, an_agent("a3", "w1", "8").meta);
  CHECK(snapshot.state().nodes.empty());
  snapshot.apply(version(build::a_node("w1"), "9"));
  const auto& agents = snapshot.state().nodes.at("w1").agents;
  REQUIRE(agents.size() == 1);
  CHECK(agents.at("a1").meta.resource_version == "5");
}

TEST_CASE("a node that comes back under its name has its agent pods again") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_node("w1"), "1", "u1"));
  snapshot.apply_agent(an_agent("a1", "w1", "2"));
  SECTION("deleted by an event") { snapshot.remove(Kind::Nodes, meta("w1", "3", "u1")); }
  SECTION("missing in a list") {
    snapshot.list_begins(Kind::Nodes);
    snapshot.list_ends(Kind::Nodes, "3");
  }
  CHECK(snapshot.state().nodes.empty());
  snapshot.apply(version(build::a_node("w1"), "4", "u2"));
  CHECK(snapshot.state().nodes.at("w1").agents.contains("a1"));
}

TEST_CASE("of deleted agent pods those that have finished are gone at once, the others go") {
  SnapshotBuilder snapshot({});
  for (const char* node : {"w1", "w2"}) {
    snapshot.apply(version(build::a_node(node), "1"));
    auto ended = an_agent(std::string("ended-") + node, node, "2");
    ended.phase = "Succeeded";
    snapshot.apply_agent(ended);
    snapshot.apply_agent(an_agent(std::string("working-") + node, node, "3"));
  }
  const auto& nodes = snapshot.state().nodes;
  snapshot.agents_deleted("w1");
  CHECK(nodes.at("w1").agents.size() == 1);
  CHECK(nodes.at("w1").agents.at("working-w1").meta.deleting);
  CHECK(nodes.at("w2").agents.size() == 2);
  snapshot.agents_deleted({});
  CHECK(nodes.at("w2").agents.size() == 1);
}

TEST_CASE("handles of pods and objects that are not the default are left out") {
  SnapshotBuilder snapshot({});
  for (const char* id : {"k8s-pod-network.abc", "vxlan-tunnel-addr-w1", "vxlan-v6-tunnel-addr-w1",
                         "flannel-migration-w1"}) {
    api::IpamHandle handle;
    handle.meta.name = id;
    handle.handle_id = id;
    snapshot.apply(handle);
  }
  CHECK(snapshot.state().handles.size() == 3);
  auto felix = build::a_felix("{}");
  felix.meta.name = "node.w1";
  snapshot.apply(felix);
  CHECK_FALSE(snapshot.state().felix);
}

TEST_CASE("what single nodes are told of Felix is known until it has gone") {
  SnapshotBuilder snapshot({});
  const auto felix = [](const char* name, const char* number) {
    auto object = version(build::a_felix(R"({"vxlanVNI":4096})"), number);
    object.meta.name = name;
    return object;
  };
  snapshot.apply(felix("node.w1", "5"));
  snapshot.apply(felix("node.w2", "5"));
  snapshot.apply(felix("other", "5"));
  CHECK_FALSE(snapshot.state().felix);
  REQUIRE(snapshot.state().node_felix.size() == 2);
  CHECK(snapshot.state().node_felix.at("node.w1").vxlan_vni == 4096);
  snapshot.remove(Kind::FelixConfigurations, felix("node.w1", "6").meta);
  CHECK(snapshot.state().node_felix.size() == 1);
  snapshot.list_begins(Kind::FelixConfigurations);
  snapshot.list_ends(Kind::FelixConfigurations, "7");
  CHECK(snapshot.state().node_felix.empty());
}

TEST_CASE("a kind that is not served has no objects") {
  SnapshotBuilder snapshot({});
  snapshot.apply(pool("1"));
  snapshot.set_unseen(Kind::IpPools, Unseen::NotServed);
  CHECK(migration::unseen_kinds(snapshot.state(), Unseen::NotServed) ==
        std::vector<std::string>{"ippools"});
  CHECK(snapshot.state().pools.empty());
  snapshot.set_seen("ippools");
  CHECK(snapshot.state().unseen.empty());
}

TEST_CASE("the objects of a kind that may not be read any more stay known") {
  SnapshotBuilder snapshot({});
  snapshot.apply(pool("1"));
  snapshot.set_unseen(Kind::IpPools, Unseen::Refused);
  CHECK(snapshot.state().unseen.at("ippools") == Unseen::Refused);
  CHECK(snapshot.state().pools.size() == 1);
}

TEST_CASE(
    "nodes are known up to their list or the last event of their watch, not to our own answer") {
  SnapshotBuilder snapshot({});
  snapshot.watch_progressed(Kind::Nodes, "4");
  snapshot.list_begins(Kind::Nodes);
  snapshot.watch_progressed(Kind::Nodes, "7");
  CHECK(snapshot.state().nodes_version == "4");
  snapshot.list_ends(Kind::Nodes, "9");
  CHECK(snapshot.state().nodes_version == "9");
  snapshot.apply(version(build::a_node("w1"), "20"));
  snapshot.watch_progressed(Kind::IpPools, "30");
  CHECK(snapshot.state().nodes_version == "9");
  snapshot.watch_progressed(Kind::Nodes, "12");
  CHECK(snapshot.state().nodes_version == "12");
}

TEST_CASE("a finished list only takes away a ConfigMap that is not newer") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_config_map("ns", "m", {}), "12"));
  snapshot.remove_config_map({"ns", "m"}, "11");
  CHECK(snapshot.state().config_maps.size() == 1);
  snapshot.remove_config_map({"ns", "m"}, "12");
  CHECK(snapshot.state().config_maps.empty());
  snapshot.apply(version(build::a_config_map("ns", "m", {}), "13"));
  snapshot.remove_config_map({"ns", "m"});
  CHECK(snapshot.state().config_maps.empty());
}

TEST_CASE("pods of a node are kept once they were asked for") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_node("w1"), "1"));
  snapshot.apply_pod(version(build::a_pod("p", "w1"), "2"));
  CHECK_FALSE(snapshot.state().nodes.at("w1").pods);
  snapshot.set_pods("w1", std::map<std::string, api::Pod>{});
  snapshot.apply_pod(version(build::a_pod("p", "w1"), "3"));
  snapshot.apply_pod(version(build::a_pod("p", "w1", build::terminating()), "2"));
  REQUIRE(snapshot.state().nodes.at("w1").pods->size() == 1);
  CHECK_FALSE(snapshot.state().nodes.at("w1").pods->begin()->second.meta.deleting);
  snapshot.set_removal("uid-p", {});
  snapshot.remove_pod("w1", "uid-p");
  CHECK(snapshot.state().nodes.at("w1").pods->empty());
  CHECK(snapshot.state().removals.empty());
}

TEST_CASE("when a pod was first asked to go is remembered until it has gone") {
  const auto at = [](int seconds) { return base::TimePoint(std::chrono::seconds(seconds)); };
  SnapshotBuilder snapshot({});
  snapshot.apply(build::a_node("w1"));
  snapshot.set_removal("uid-p", {at(11), "DisruptionBudget", "held", at(1)});
  snapshot.set_removal("uid-p", {at(22), "TooManyRequests", "later", at(12)});
  const auto& attempt = snapshot.state().removals.at("uid-p");
  CHECK(attempt.first == at(1));
  CHECK(attempt.not_before == at(22));
  CHECK(attempt.message == "later");
  snapshot.remove_pod("w1", "uid-p");
  CHECK(snapshot.state().removals.empty());
}

TEST_CASE("an error of a node goes with the node") {
  SnapshotBuilder snapshot({});
  snapshot.apply(build::a_node("w1"));
  snapshot.set_error("node/w1", "no");
  snapshot.list_begins(Kind::Nodes);
  snapshot.list_ends(Kind::Nodes, "");
  CHECK(snapshot.state().errors.empty());
  snapshot.set_error("node/w1", "not found");
  CHECK(snapshot.state().errors.empty());
}

TEST_CASE("an error of a key goes with its next success") {
  SnapshotBuilder snapshot({});
  snapshot.set_error("cluster", "no");
  CHECK(snapshot.state().errors.at("cluster") == "no");
  snapshot.set_error("cluster", "");
  CHECK(snapshot.state().errors.empty());
}
