#include "migration/facts/saved_originals.h"

#include "api/names.h"
#include "migration/facts/config_map_parts.h"

#include <utility>

namespace migration {
namespace {

std::set<api::ObjectKey> left_parts(const ClusterState& cluster) {
  std::set<api::ObjectKey> keys;
  for (int number = 1; number <= kMostParts; ++number) {
    const api::ObjectKey key{cluster.self.ns, part_name(api::kOriginalsConfigMap, number)};
    if (cluster.config_maps.contains(key)) keys.insert(key);
  }
  return keys;
}

}  // namespace

base::Result<std::optional<Originals>> read_originals(const ClusterState& cluster) {
  const auto map = cluster.config_maps.find(originals_key(cluster.self));
  if (map == cluster.config_maps.end()) return std::nullopt;
  return join(map->second, cluster.config_maps).and_then(parse_originals);
}

std::set<api::ObjectKey> parts_of_originals(const ClusterState& cluster) {
  std::set<api::ObjectKey> keys;
  const auto map = cluster.config_maps.find(originals_key(cluster.self));
  if (map == cluster.config_maps.end()) return left_parts(cluster);
  for (auto& name : part_names(map->second)) keys.insert({cluster.self.ns, std::move(name)});
  return keys;
}

}  // namespace migration
