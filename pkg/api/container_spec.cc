#include "api/container_spec.h"

namespace api {
namespace {

bool is_account(json::View entry) {
  return entry["valueFrom"]["fieldRef"]["fieldPath"].string_view() == "spec.serviceAccountName";
}

StringMap parse_env(json::View list, const std::string& account) {
  StringMap env;
  for (const auto& entry : list.items()) {
    if (entry["value"].is_string()) env[entry["name"].string()] = entry["value"].string();
    if (is_account(entry)) env[entry["name"].string()] = account;
  }
  return env;
}

std::string secret(json::View reference) { return "Secret " + reference["name"].string(); }

EnvSource source_of_one(json::View entry) {
  const auto from = entry["valueFrom"];
  EnvSource source;
  source.name = entry["name"].string();
  if (const auto map = from["configMapKeyRef"]; map.exists()) {
    source.config_map = map["name"].string();
    source.key = map["key"].string();
    source.optional = map["optional"].boolean();
  } else {
    const auto reference = from["secretKeyRef"];
    source.other = reference.exists() ? secret(reference) : "a field of the pod";
  }
  return source;
}

EnvSource source_of_all(json::View entry) {
  EnvSource source;
  source.name = entry["prefix"].string();
  source.whole = true;
  if (const auto map = entry["configMapRef"]; map.exists()) {
    source.config_map = map["name"].string();
    source.optional = map["optional"].boolean();
  } else {
    source.other = secret(entry["secretRef"]);
  }
  return source;
}

std::vector<EnvSource> parse_env_sources(json::View container) {
  std::vector<EnvSource> sources;
  for (const auto& entry : container["envFrom"].items()) sources.push_back(source_of_all(entry));
  for (const auto& entry : container["env"].items()) {
    if (entry["valueFrom"].is_object() && !is_account(entry))
      sources.push_back(source_of_one(entry));
  }
  return sources;
}

std::vector<VolumeMount> parse_mounts(json::View list) {
  std::vector<VolumeMount> mounts;
  for (const auto& entry : list.items()) {
    mounts.push_back({entry["name"].string(), entry["mountPath"].string(),
                      entry["subPath"].string(), entry["readOnly"].boolean()});
  }
  return mounts;
}

ContainerSpec parse_container(json::View object, const std::string& account) {
  ContainerSpec container{object["name"].string(), object["image"].string(),
                          object["command"].strings(), parse_env(object["env"], account)};
  for (auto& argument : object["args"].strings()) container.command.push_back(std::move(argument));
  for (const auto* probe : {"livenessProbe", "readinessProbe"}) {
    for (auto& word : object[probe]["exec"]["command"].strings())
      container.probes.push_back(std::move(word));
  }
  container.env_sources = parse_env_sources(object);
  container.mounts = parse_mounts(object["volumeMounts"]);
  return container;
}

}  // namespace

std::vector<ContainerSpec> parse_containers(json::View list, const std::string& account) {
  std::vector<ContainerSpec> containers;
  for (const auto& object : list.items()) containers.push_back(parse_container(object, account));
  return containers;
}

}  // namespace api
