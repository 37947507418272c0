#include "migration/facts/saved_originals.h"

#include "api/names.h"
#include "migration/facts/config_map_parts.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace migration;

namespace {

Originals some_originals() {
  Originals originals;
  for (int i = 0; i < 100; ++i) {
    originals.blocks.insert(std::to_string(i));
    originals.node_annotations["w" + std::to_string(i)] = {{"key", "value"}};
  }
  return originals;
}

}  // namespace

TEST_CASE("saved originals are read from the cluster, with their parts") {
  ClusterState cluster;
  CHECK(read_originals(cluster).value() == std::nullopt);
  const auto originals = some_originals();
  const auto maps = split(render(originals, cluster.self.ns), 200);
  REQUIRE(maps.size() > 3);
  for (const auto& map : maps) cluster.config_maps[api::key_of(map.meta)] = map;
  CHECK(read_originals(cluster).value() == originals);
  const auto parts = parts_of_originals(cluster);
  CHECK(parts.size() == std::min<std::size_t>(maps.size() - 1, kMostParts));
  cluster.config_maps.erase(*parts.begin());
  const auto read = read_originals(cluster);
  REQUIRE_FALSE(read);
  CHECK(read.error().message.find("is not there") != std::string::npos);
}

TEST_CASE("parts whose originals are gone are known") {
  ClusterState cluster;
  CHECK(parts_of_originals(cluster).empty());
  const api::ObjectKey left{cluster.self.ns, part_name(api::kOriginalsConfigMap, 3)};
  cluster.config_maps[left].meta.name = left.name;
  CHECK(parts_of_originals(cluster) == std::set<api::ObjectKey>{left});
}
