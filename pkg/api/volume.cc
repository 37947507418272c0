#include "api/volume.h"

namespace api {
namespace {

ConfigMapFiles parse_files(json::View source) {
  ConfigMapFiles files{source["name"].string(), {}};
  for (const auto& item : source["items"].items())
    files.keys[item["path"].string()] = item["key"].string();
  return files;
}

void add_source(json::View source, const char* name_of_secret, Volume& volume) {
  if (source["configMap"].is_object()) {
    volume.config_maps.push_back(parse_files(source["configMap"]));
  } else if (source["secret"].is_object()) {
    volume.other = "Secret " + source["secret"][name_of_secret].string();
  }
}

Volume parse_volume(json::View object) {
  Volume volume;
  volume.name = object["name"].string();
  add_source(object, "secretName", volume);
  for (const auto& source : object["projected"]["sources"].items())
    add_source(source, "name", volume);
  if (object["hostPath"].is_object())
    volume.other = object["hostPath"]["path"].string() + " of the node";
  return volume;
}

}  // namespace

std::vector<Volume> parse_volumes(json::View list) {
  std::vector<Volume> volumes;
  for (const auto& object : list.items()) volumes.push_back(parse_volume(object));
  return volumes;
}

}  // namespace api
