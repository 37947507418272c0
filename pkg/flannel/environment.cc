#include "flannel/environment.h"

namespace flannel {
namespace {

std::string place_of(const api::EnvSource& source) {
  return source.config_map.empty() ? source.other : "ConfigMap " + source.config_map;
}

// An optional ConfigMap that is not known most likely does not exist.
void read_whole(const api::EnvSource& source, const api::StringMap* data, Environment& read) {
  if (data != nullptr) {
    for (const auto& [key, value] : *data) read.values[source.name + key] = value;
  } else if (!source.optional) {
    read.unread_object = place_of(source);
  }
}

void read_one_key(const api::EnvSource& source, const api::StringMap* data, Environment& read) {
  if (data == nullptr) {
    if (!source.optional) read.unread[source.name] = place_of(source);
    return;
  }
  const auto value = data->find(source.key);
  if (value == data->end()) return;
  read.values[source.name] = value->second;
}

}  // namespace

Environment read_environment(const api::ContainerSpec& container, const FindConfigMap& find) {
  Environment read;
  const auto data_of = [&find](const api::EnvSource& source) {
    return source.config_map.empty() ? nullptr : find(source.config_map);
  };
  for (const auto& source : container.env_sources)
    (source.whole ? read_whole : read_one_key)(source, data_of(source), read);
  for (const auto& [name, value] : container.env) read.values[name] = value;
  return read;
}

}  // namespace flannel
