// A ConfigMap whose values are too large for one object: the API server takes 1 MiB. Large values
// lie in further ConfigMaps, the parts. The map itself names them with their digests and is written
// last, so that it can be read whole or not at all.
#pragma once

#include "api/config_map.h"
#include "base/error.h"

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace migration {

inline constexpr std::size_t kPartSize = 512u << 10;
// The operator's Role has as many names.
inline constexpr int kMostParts = 16;

using ConfigMaps = std::map<api::ObjectKey, api::ConfigMap>;

std::string part_name(std::string_view map_name, int number);  // the first is 1
// Splits the map into ConfigMaps in the order in which they have to be written: the parts, at the
// end the map itself. A value of at most half a part stays in the map.
std::vector<api::ConfigMap> split(api::ConfigMap map, std::size_t part_size = kPartSize);
// The parts that the map names.
std::vector<std::string> part_names(const api::ConfigMap& map);
// The map with its whole values. Invalid names the part that is missing or was altered.
base::Result<api::ConfigMap> join(api::ConfigMap map, const ConfigMaps& all);

}  // namespace migration
