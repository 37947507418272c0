#include "api/config_map.h"

#include "json/writer.h"

namespace api {

ConfigMap parse_config_map(json::View object) {
  return {parse_meta(object), object["data"].string_map()};
}

std::string render(const ConfigMap& map) {
  json::Writer writer;
  writer.object().field("apiVersion", "v1").field("kind", "ConfigMap");
  writer.key("metadata").object().field("name", map.meta.name).field_if("namespace", map.meta.ns);
  if (!map.meta.labels.empty()) writer.key("labels").string_map(map.meta.labels);
  if (!map.meta.annotations.empty()) writer.key("annotations").string_map(map.meta.annotations);
  writer.end();
  writer.key("data").string_map(map.data);
  return writer.end().text();
}

}  // namespace api
