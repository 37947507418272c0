// A volume of a pod template, as far as it has configuration in it.
#pragma once

#include "json/value.h"

#include <string>
#include <vector>

namespace api {

// The files that a ConfigMap puts into a volume.
struct ConfigMapFiles {
  std::string config_map;
  json::StringMap keys;  // by path in the volume; empty: every key is a file of its name
  bool operator==(const ConfigMapFiles&) const = default;
};

struct Volume {
  std::string name;
  std::vector<ConfigMapFiles> config_maps;
  std::string other;  // what else it is, for people: "Secret x", "/etc/x of the node"; may be empty
  bool operator==(const Volume&) const = default;

  // An object or the node fills it, and no container of the pod.
  bool is_filled() const { return !config_maps.empty() || !other.empty(); }
};

std::vector<Volume> parse_volumes(json::View list);

}  // namespace api
