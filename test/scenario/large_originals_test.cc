// What was there before is too much for one ConfigMap.
#include "calico/names.h"
#include "migration/facts/config_map_parts.h"
#include "migration/facts/originals.h"
#include "scenario/expect.h"

#include <fmt/format.h>

#include <set>

using namespace build;
using namespace scenario;
using namespace migration;

namespace {

// Affinities of somebody else's pool, with names of more than 1 MiB in all.
ClusterState a_cluster_with_much_ipam() {
  auto cluster = a_flannel_cluster(nodes(1));
  const std::string node(230, 'n');
  for (int i = 0; i < 4'500; ++i) {
    auto affinity =
        an_affinity(node, fmt::format("172.{}.{}.{}/26", 16 + i / 1024, i / 4 % 256, i % 4 * 64));
    cluster.affinities[affinity.meta.name] = std::move(affinity);
  }
  return cluster;
}

int saved_maps(const FakeCluster& cluster) {
  int count = 0;
  for (const auto& [key, map] : cluster.world.state.config_maps)
    count += key.name.starts_with(api::kOriginalsConfigMap) ? 1 : 0;
  return count;
}

// One of the parts that are saved, then of the deletions the first, and one of those behind it.
const std::set<int> kFails{2, 7, 9};

bool writes_config_map(const Action& action) {
  return std::holds_alternative<SaveConfigMap>(action) ||
         std::holds_alternative<DeleteConfigMap>(action);
}

}  // namespace

TEST_CASE("originals that are too large for a ConfigMap are saved in parts, which go with them") {
  const auto failure = GENERATE(Failure::None, Failure::Lost, Failure::AnswerLost);
  FakeCluster cluster(a_cluster_with_much_ipam());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  int writes = 0;
  driver.fail = [&](int, const Action& action) {
    const bool fails = writes_config_map(action) && kFails.contains(++writes);
    return fails ? failure : Failure::None;
  };
  expect_migrated(driver);
  CHECK(saved_maps(cluster) == 4);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
  CHECK(saved_maps(cluster) == 0);
}

TEST_CASE("while a part of the originals is missing or not as it was, nothing is done") {
  FakeCluster cluster(a_cluster_with_much_ipam());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  auto& maps = cluster.world.state.config_maps;
  const api::ObjectKey second{cluster.world.state.self.ns, part_name(api::kOriginalsConfigMap, 2)};
  const auto as_it_was = maps.at(second);
  to_flannel(cluster);
  SECTION("missing") { maps.erase(second); }
  SECTION("not as it was") { maps.at(second).data.begin()->second.back() = 'x'; }
  const int calls = driver.calls;
  driver.restart();
  driver.run();
  CHECK(driver.calls == calls);
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK_THAT(driver.status().message, Catch::Contains("SavedOriginals") &&
                                          Catch::Contains("flannel-migration-originals-part-2"));
  CHECK_FALSE(driver.status().revertible.possible);
  maps[second] = as_it_was;
  expect_reverted(cluster, driver, before);
}
