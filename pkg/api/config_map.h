// core/v1 ConfigMap.
#pragma once

#include "api/meta.h"

namespace api {

struct ConfigMap {
  ObjectMeta meta;
  StringMap data;
  bool operator==(const ConfigMap&) const = default;
};

ConfigMap parse_config_map(json::View object);
// Body for create.
std::string render(const ConfigMap& map);

}  // namespace api
