// The environment that a container starts with, as far as it can be read: values that are written
// in the template, and those that ConfigMaps have. Secrets are never read.
#pragma once

#include "api/container_spec.h"

#include <functional>
#include <map>
#include <string>

namespace flannel {

// The data of a ConfigMap in the DaemonSet's namespace; nullptr when that is not known.
using FindConfigMap = std::function<const api::StringMap*(const std::string& name)>;
inline const api::StringMap* no_config_map(const std::string&) { return nullptr; }

struct Environment {
  api::StringMap values;
  // Variables whose values could not be read, and where they are.
  api::StringMap unread;
  // An object all of whose keys are variables, and that could not be read; empty: there is none.
  std::string unread_object;
};

Environment read_environment(const api::ContainerSpec& container, const FindConfigMap& find);

}  // namespace flannel
