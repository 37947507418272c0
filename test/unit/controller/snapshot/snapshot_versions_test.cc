// Which of two things that were said of an object is the newer one.
#include "unit/controller/versioned.h"

#include <catch2/catch.hpp>

using namespace controller;

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

TEST_CASE("in a new epoch a list decides, whatever was known") {
  SnapshotBuilder snapshot({});
  auto known = pool("900", "u1");
  known.disabled = true;
  snapshot.apply(known);
  auto other = pool("950", "u2");
  other.meta.name = "gone";
  snapshot.apply(other);
  snapshot.remove(Kind::IpPools, meta("back", "960", "u3"));
  auto back = pool("60", "u3");
  back.meta.name = "back";

  snapshot.forget_versions(Kind::IpPools);
  snapshot.list_begins(Kind::IpPools);
  SECTION("the list is all there is") {}
  SECTION("an own write is answered while it is handed out") {
    auto written = pool("105", "u4");
    written.meta.name = "written";
    snapshot.apply(written);
  }
  snapshot.apply(pool("70", "u1"));
  snapshot.apply(back);
  const bool wrote = snapshot.state().pools.contains("written");
  snapshot.list_ends(Kind::IpPools, "100");
  const auto& pools = snapshot.state().pools;
  CHECK_FALSE(pools.at("p").disabled);
  CHECK(pools.at("p").meta.resource_version == "70");
  CHECK(pools.contains("back"));
  CHECK_FALSE(pools.contains("gone"));
  CHECK(pools.contains("written") == wrote);

  auto answered = pool("110", "u1");
  answered.disabled = true;
  snapshot.apply(answered);
  CHECK(pools.at("p").disabled);
}

TEST_CASE("in a new epoch no version that is known can be written to or be newer, of any kind") {
  SnapshotBuilder snapshot({});
  const auto& state = snapshot.state();
  snapshot.apply(version(build::a_node("w1"), "900"));
  snapshot.apply(version(build::a_migration(), "900"));
  snapshot.apply(version(build::a_flannel_set(), "900"));
  snapshot.apply(pool("900"));
  snapshot.apply(version(build::a_felix("{}"), "900"));
  snapshot.apply(version(build::an_ipam_config(true, false), "900"));
  snapshot.apply(version(build::a_block("w1", "10.244.1.0/24"), "900"));
  snapshot.apply(version(build::an_affinity("w1", "10.244.1.0/24"), "900"));
  api::IpamHandle handle;
  handle.meta.name = "flannel-migration-w1";
  handle.handle_id = "flannel-migration-w1";
  snapshot.apply(version(handle, "900"));
  api::ClusterInformation information;
  information.meta.name = "default";
  snapshot.apply(version(information, "900"));
  snapshot.apply_agent(an_agent("a1", "w1", "900"));
  snapshot.apply_agent(an_agent("a2", "nowhere", "900"));
  snapshot.apply(version(build::a_config_map("ns", "m", {}), "900"));
  for (const Kind kind : all_kinds()) snapshot.forget_versions(kind);
  snapshot.forget_version(api::ObjectKey{"ns", "m"});
  for (const auto& found :
       {state.migrations.at(0).meta.resource_version,
        state.nodes.at("w1").node.meta.resource_version,
        state.daemon_sets.begin()->second.meta.resource_version,
        state.pools.at("p").meta.resource_version, state.felix->meta.resource_version,
        state.ipam_config->meta.resource_version,
        state.blocks.begin()->second.meta.resource_version,
        state.affinities.begin()->second.meta.resource_version,
        state.handles.begin()->second.meta.resource_version,
        state.cluster_information->meta.resource_version,
        state.nodes.at("w1").agents.at("a1").meta.resource_version,
        state.config_maps.at({"ns", "m"}).meta.resource_version}) {
    CHECK(found == "1");
  }
  snapshot.apply_agent(an_agent("a2", "w1", "3"));
  snapshot.apply(version(build::a_node("nowhere"), "3"));
  CHECK(state.nodes.at("nowhere").agents.at("a2").meta.resource_version == "1");
}
