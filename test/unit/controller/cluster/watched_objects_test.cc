#include "controller/cluster/watched_objects.h"

#include "api/names.h"
#include "migration/facts/config_map_parts.h"
#include "migration/facts/originals.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

migration::ClusterState a_state() {
  migration::ClusterState state;
  state.self.ns = "ours";
  const auto set = json::Document::parse(R"({
    "metadata": {"name": "canal", "namespace": "kube-system"},
    "spec": {"selector": {}, "template": {"metadata": {}, "spec": {
      "containers": [{"name": "kube-flannel", "image": "flannel:v0.28.4", "command": ["/opt/bin/flanneld"]}],
      "volumes": [{"name": "flannel-cfg", "configMap": {"name": "canal-config"}}]}}}})");
  const auto other = json::Document::parse(R"({
    "metadata": {"name": "kube-proxy", "namespace": "kube-system"},
    "spec": {"template": {"spec": {"containers": [{"name": "kube-proxy", "image": "kube-proxy:v1"}]}}}})");
  for (const auto* document : {&set.value(), &other.value()}) {
    auto parsed = api::parse_daemon_set(document->root());
    state.daemon_sets.emplace(api::key_of(parsed.meta), std::move(parsed));
  }
  return state;
}

void add_migration(migration::ClusterState& state) {
  api::FlannelMigration migration;
  migration.spec = api::MigrationSpec{};
  migration.spec->calico.daemon_set = {"calico-system", "node"};
  state.migrations.push_back(migration);
}

}  // namespace

TEST_CASE("flannel's DaemonSets are found before a migration is there") {
  const auto scope = access_scope_of(a_state());
  CHECK(scope.own_namespace == "ours");
  CHECK(scope.flannel == std::set<api::ObjectKey>{{"kube-system", "canal"}});
  CHECK(scope.calico_node.empty());
}

TEST_CASE("of two installations of flannel none is asked for") {
  auto state = a_state();
  auto other = state.daemon_sets.at({"kube-system", "canal"});
  other.meta.ns = "elsewhere";
  state.daemon_sets.emplace(api::key_of(other.meta), other);
  CHECK(access_scope_of(state).flannel.empty());
}

TEST_CASE("of two installations the named one is asked for, whole") {
  auto state = a_state();
  auto other = state.daemon_sets.at({"kube-system", "canal"});
  other.meta.name = "canal-edge";
  state.daemon_sets.emplace(api::key_of(other.meta), other);
  other.meta.ns = "elsewhere";
  state.daemon_sets.emplace(api::key_of(other.meta), other);
  add_migration(state);
  state.migrations.back().spec->flannel.daemon_set = api::ObjectKey{"kube-system", "canal"};
  CHECK(access_scope_of(state).flannel ==
        std::set<api::ObjectKey>{{"kube-system", "canal"}, {"kube-system", "canal-edge"}});
}

TEST_CASE("a migration names Calico's DaemonSet") {
  auto state = a_state();
  add_migration(state);
  const auto scope = access_scope_of(state);
  CHECK(scope.calico_node == std::set<api::ObjectKey>{{"calico-system", "node"}});
  CHECK(scope.calico_config == std::set<api::ObjectKey>{{"calico-system", "calico-config"}});
}

TEST_CASE("ConfigMaps of interest") {
  auto state = a_state();
  add_migration(state);
  CHECK(config_maps_of(state) ==
        std::set<api::ObjectKey>{{"ours", std::string(api::kOriginalsConfigMap)},
                                 {"ours", std::string(api::kPlanConfigMap)},
                                 {"calico-system", "calico-config"},
                                 {"kube-system", "canal-config"}});
}

TEST_CASE(
    "all ConfigMaps that flannel's DaemonSet names are of interest, up to eight, and no Secret") {
  auto state = a_state();
  auto& set = state.daemon_sets.at({"kube-system", "canal"});
  set.config_maps = {"a", "b"};
  CHECK(config_maps_of(state).contains({"kube-system", "a"}));
  CHECK(config_maps_of(state).contains({"kube-system", "b"}));
  set.volumes = {{"x", {}, "Secret s"}};
  CHECK(config_maps_of(state).size() == 4);
  for (int i = 0; i < 100; ++i) set.config_maps.push_back("map-" + std::to_string(i));
  CHECK(config_maps_of(state).size() == 2 + 8);
}

TEST_CASE("a DaemonSet that is named is of interest whatever it runs") {
  auto state = a_state();
  auto& set = state.daemon_sets.at({"kube-system", "kube-proxy"});
  set.config_maps = {"net"};
  CHECK_FALSE(config_maps_of(state).contains({"kube-system", "net"}));
  add_migration(state);
  state.migrations.back().spec->flannel.daemon_set = api::ObjectKey{"kube-system", "kube-proxy"};
  CHECK(config_maps_of(state).contains({"kube-system", "net"}));
  CHECK(access_scope_of(state).flannel == std::set<api::ObjectKey>{{"kube-system", "kube-proxy"}});
}

TEST_CASE("flannel's configuration is of interest when its DaemonSet has gone, too") {
  auto state = a_state();
  migration::Originals originals;
  const api::ObjectKey canal{"kube-system", "canal"};
  originals.flannel_sets[canal] = state.daemon_sets.at(canal).json;
  auto map = migration::render(originals, "ours");
  state.config_maps[api::key_of(map.meta)] = map;
  state.daemon_sets.erase(canal);
  CHECK(config_maps_of(state).contains({"kube-system", "canal-config"}));
  for (auto& [key, text] : map.data) text = "{";
  state.config_maps[api::key_of(map.meta)] = map;
  CHECK(config_maps_of(state).size() == 2);
}

TEST_CASE(
    "a DaemonSet that a migration began with is of interest, in parts of the originals, too") {
  auto state = a_state();
  const api::ObjectKey named{"kube-system", "kube-proxy"};
  state.daemon_sets.erase({"kube-system", "canal"});
  migration::Originals originals;
  originals.flannel_sets[named] = state.daemon_sets.at(named).json;
  for (int i = 0; i < 50; ++i) originals.blocks.insert(std::to_string(i));
  const std::size_t part_size = GENERATE(as<std::size_t>{}, 200, 100'000);
  CAPTURE(part_size);
  for (const auto& map : migration::split(migration::render(originals, "ours"), part_size))
    state.config_maps[api::key_of(map.meta)] = map;
  CHECK(access_scope_of(state).flannel.contains(named));
}

TEST_CASE("the parts of the saved originals are of interest before they are read") {
  auto state = a_state();
  migration::Originals originals;
  for (int i = 0; i < 50; ++i) originals.blocks.insert(std::to_string(i));
  const auto maps = migration::split(migration::render(originals, "ours"), 200);
  REQUIRE(maps.size() == 3);
  state.config_maps[api::key_of(maps.back().meta)] = maps.back();
  const auto keys = config_maps_of(state);
  CHECK(keys.contains({"ours", "flannel-migration-originals-part-1"}));
  CHECK(keys.contains({"ours", "flannel-migration-originals-part-2"}));
  CHECK(keys.size() == 5);
}

TEST_CASE("many FlannelMigrations and installations of flannel make few ConfigMaps matter") {
  auto state = a_state();
  for (int i = 0; i < 100; ++i) {
    const auto number = std::to_string(i);
    add_migration(state);
    auto& migration = state.migrations.back();
    migration.meta.name = "m" + number;
    migration.meta.created = base::TimePoint(std::chrono::hours(100 - i));
    migration.spec->calico.daemon_set.ns = "calico-" + number;
    auto flannel = state.daemon_sets.at({"kube-system", "canal"});
    flannel.meta.ns = "flannel-" + number;
    state.daemon_sets.emplace(api::key_of(flannel.meta), flannel);
  }
  const auto keys = config_maps_of(state);
  CHECK(keys.size() <= 26);
  CHECK(keys.contains({"calico-99", "calico-config"}));  // of the oldest, which is acted for
  CHECK_FALSE(keys.contains({"calico-0", "calico-config"}));
}
