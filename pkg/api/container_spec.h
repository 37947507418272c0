// A container of a pod template, as far as it says what it runs and with which settings.
#pragma once

#include "api/meta.h"

#include <string>
#include <vector>

namespace api {

// Variables whose values are somewhere else.
struct EnvSource {
  std::string name;        // of the variable; of a whole object: what is put before each key
  std::string config_map;  // empty: they are in none
  std::string key;         // in the ConfigMap
  std::string other;       // where else the value is, for people: "Secret kube-system/x"
  bool whole = false;      // every key of an object is a variable (envFrom)
  bool optional = false;   // the container starts without it
  bool operator==(const EnvSource&) const = default;
};

struct VolumeMount {
  std::string volume;
  std::string path;      // in the container
  std::string sub_path;  // in the volume
  bool read_only = false;
  bool operator==(const VolumeMount&) const = default;
};

struct ContainerSpec {
  std::string name;
  std::string image;
  std::vector<std::string> command;   // command and args, in order
  StringMap env;                      // of a literal value, or the name of the pods' ServiceAccount
  std::vector<std::string> probes{};  // what its liveness and readiness probes run
  std::vector<EnvSource> env_sources{};  // a later one beats an earlier one of the same name
  std::vector<VolumeMount> mounts{};
  bool operator==(const ContainerSpec&) const = default;
};

// `account`: the ServiceAccount of the template's pods.
std::vector<ContainerSpec> parse_containers(json::View list, const std::string& account);

}  // namespace api
