#include "controller/snapshot_builder.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

template <typename Object>
Object version(Object object, const std::string& resource_version, const std::string& uid = {}) {
  object.meta.resource_version = resource_version;
  if (!uid.empty()) object.meta.uid = uid;
  return object;
}

api::Pod an_agent(const std::string& name, const std::string& node, const std::string& rv) {
  auto pod = version(build::a_pod(name, node), rv);
  pod.meta.ns = "flannel-migration";
  return pod;
}

api::ObjectMeta meta(const std::string& name, const std::string& rv, const std::string& uid = {}) {
  api::ObjectMeta deleted;
  deleted.name = name;
  deleted.resource_version = rv;
  deleted.uid = uid;
  return deleted;
}

api::IpPool pool(const std::string& rv, const std::string& uid = {}) {
  return version(build::a_pool("p", "10.244.0.0/16"), rv, uid);
}

}  // namespace

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

TEST_CASE("an older version of an object never replaces a newer one") {
  SnapshotBuilder snapshot({});
  SECTION("a node") {
    snapshot.apply(version(build::a_node("w1", build::cordoned()), "100"));
    snapshot.apply(version(build::a_node("w1"), "99"));
    CHECK(snapshot.state().nodes.at("w1").node.unschedulable);
    snapshot.apply(version(build::a_node("w1"), "101"));
    CHECK_FALSE(snapshot.state().nodes.at("w1").node.unschedulable);
  }
  SECTION("a migration") {
    snapshot.apply(version(build::a_migration(build::paused()), "100"));
    snapshot.apply(version(build::a_migration(), "9"));
    REQUIRE(snapshot.state().migrations.size() == 1);
    CHECK(snapshot.state().migrations[0].spec->paused);
  }
  SECTION("a pool, and felix") {
    auto disabled = pool("100");
    disabled.disabled = true;
    snapshot.apply(disabled);
    snapshot.apply(pool("99"));
    CHECK(snapshot.state().pools.at("p").disabled);
    snapshot.apply(version(build::a_felix(R"({"vxlanVNI":2})"), "7"));
    snapshot.apply(version(build::a_felix(R"({"vxlanVNI":1})"), "6"));
    CHECK(snapshot.state().felix->vxlan_vni == 2);
  }
}

TEST_CASE("versions that are no numbers are believed as they come") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_node("w1", build::cordoned()), "b"));
  snapshot.apply(version(build::a_node("w1"), "a"));
  CHECK_FALSE(snapshot.state().nodes.at("w1").node.unschedulable);
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

TEST_CASE("every kind forgets what a list no longer has") {
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
  for (const Kind kind :
       {Kind::AgentPods, Kind::FlannelMigrations, Kind::Nodes, Kind::DaemonSets, Kind::IpPools,
        Kind::FelixConfigurations, Kind::IpamConfigs, Kind::IpamBlocks, Kind::BlockAffinities,
        Kind::IpamHandles, Kind::ClusterInformations}) {
    snapshot.list_begins(kind);
    snapshot.list_ends(kind, "2");
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

TEST_CASE("an own write survives a list that is older than it") {
  SnapshotBuilder snapshot({});
  SECTION("its answer came before the list's first item") {
    snapshot.apply(pool("12"));
    snapshot.list_begins(Kind::IpPools);
    snapshot.list_ends(Kind::IpPools, "11");
  }
  SECTION("its answer came while the list was handed out") {
    snapshot.list_begins(Kind::IpPools);
    snapshot.apply(pool("12"));
    snapshot.list_ends(Kind::IpPools, "11");
  }
  SECTION("the list has an older version of it") {
    auto old = pool("10");
    old.disabled = true;
    snapshot.apply(pool("12"));
    snapshot.list_begins(Kind::IpPools);
    snapshot.apply(old);
    snapshot.list_ends(Kind::IpPools, "11");
  }
  REQUIRE(snapshot.state().pools.contains("p"));
  CHECK(snapshot.state().pools.at("p").meta.resource_version == "12");
  CHECK_FALSE(snapshot.state().pools.at("p").disabled);
}

TEST_CASE("a list as new as an own write decides") {
  SnapshotBuilder snapshot({});
  snapshot.apply(pool("12"));
  snapshot.apply(version(build::a_felix("{}"), "12"));
  for (const Kind kind : {Kind::IpPools, Kind::FelixConfigurations}) {
    snapshot.list_begins(kind);
    snapshot.list_ends(kind, "12");
  }
  CHECK(snapshot.state().pools.empty());
  CHECK_FALSE(snapshot.state().felix);
}

TEST_CASE("a deletion is about the object that it was said of") {
  struct Row {
    const char* what;
    api::ObjectMeta deleted;
    bool stays;
  };
  const Row rows[] = {
      {"by name only", meta("p", ""), false},
      {"newer", meta("p", "12", "u2"), false},
      {"as new", meta("p", "11", "u2"), false},
      {"older: of the one before", meta("p", "10", "u1"), true},
      {"the same uid without version", meta("p", "", "u2"), false},
      {"another uid without version", meta("p", "", "u1"), true},
      {"another name", meta("q", "12", "u3"), true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    SnapshotBuilder snapshot({});
    snapshot.apply(pool("11", "u2"));
    snapshot.remove(Kind::IpPools, row.deleted);
    CHECK(snapshot.state().pools.contains("p") == row.stays);
  }
}

TEST_CASE("an answer that was overtaken by the deletion does not bring the object back") {
  SnapshotBuilder snapshot({});
  snapshot.apply(version(build::a_node("w1"), "10", "u1"));
  snapshot.remove(Kind::Nodes, meta("w1", "12", "u1"));
  snapshot.apply(version(build::a_node("w1"), "11", "u1"));
  CHECK(snapshot.state().nodes.empty());
  snapshot.apply(version(build::a_node("w1"), "13", "u2"));
  CHECK(snapshot.state().nodes.size() == 1);

  auto migration = version(build::a_migration(), "20", "m");
  snapshot.apply(migration);
  snapshot.remove(Kind::FlannelMigrations, meta(migration.meta.name, "22", "m"));
  snapshot.apply(version(migration, "21", "m"));
  CHECK(snapshot.state().migrations.empty());
}

TEST_CASE("a deletion of our own is not undone by what was said before") {
  SnapshotBuilder snapshot({});
  snapshot.apply(pool("10", "u1"));
  snapshot.remove(Kind::IpPools, meta("p", "", "u1"));
  snapshot.apply(pool("10", "u1"));
  CHECK(snapshot.state().pools.empty());
  snapshot.apply(pool("13", "u2"));
  CHECK(snapshot.state().pools.size() == 1);
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

TEST_CASE("a kind that is not served has no objects") {
  SnapshotBuilder snapshot({});
  snapshot.apply(pool("1"));
  snapshot.set_served(Kind::IpPools, false);
  CHECK(snapshot.state().not_served == std::set<std::string>{"ippools"});
  CHECK(snapshot.state().pools.empty());
  snapshot.set_served(Kind::IpPools, true);
  CHECK(snapshot.state().not_served.empty());
}

TEST_CASE("rights that are missing come from reviews and from refused reads") {
  SnapshotBuilder snapshot({});
  snapshot.set_missing_permissions({"patch nodes"});
  snapshot.set_forbidden("list and watch pods", "forbidden");
  CHECK(snapshot.state().missing_permissions ==
        std::vector<std::string>{"patch nodes", "list and watch pods"});
  snapshot.set_missing_permissions({});
  CHECK(snapshot.state().missing_permissions == std::vector<std::string>{"list and watch pods"});
  snapshot.set_forbidden("list and watch pods", "");
  CHECK(snapshot.state().missing_permissions.empty());
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

TEST_CASE("an error of a key goes with its next success") {
  SnapshotBuilder snapshot({});
  snapshot.set_error("node/w1", "no");
  CHECK(snapshot.state().errors.at("node/w1") == "no");
  snapshot.set_error("node/w1", "");
  CHECK(snapshot.state().errors.empty());
}
