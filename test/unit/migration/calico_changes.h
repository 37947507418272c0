// Changes of calico-node's DaemonSet, for tests of what a preflight tells.
#pragma once

#include "unit/migration/findings.h"

namespace build {

inline const api::ObjectKey kCalicoKey{"kube-system", "calico-node"};

inline StateChange calico_with(std::string pointer, std::string json) {
  return [pointer, json](migration::ClusterState& cluster) {
    auto& set = cluster.daemon_sets.at(kCalicoKey);
    set = with(set, pointer, json);
  };
}

inline StateChange calico_env(std::string name, std::string value) {
  return calico_with("/spec/template/spec/containers/0/env",
                     R"([{"name":")" + name + R"(","value":")" + value + R"("}])");
}

}  // namespace build
