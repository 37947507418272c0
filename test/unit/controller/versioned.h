// Objects with the version and uid that an API server gives them.
#pragma once

#include "controller/snapshot/snapshot_builder.h"
#include "fakes/build/objects.h"

#include <string>

namespace controller {

template <typename Object>
Object version(Object object, const std::string& resource_version, const std::string& uid = {}) {
  object.meta.resource_version = resource_version;
  if (!uid.empty()) object.meta.uid = uid;
  return object;
}

inline api::Pod an_agent(const std::string& name, const std::string& node, const std::string& rv) {
  auto pod = version(build::a_pod(name, node), rv);
  pod.meta.ns = "flannel-migration";
  return pod;
}

inline api::ObjectMeta meta(const std::string& name, const std::string& rv,
                            const std::string& uid = {}) {
  api::ObjectMeta deleted;
  deleted.name = name;
  deleted.resource_version = rv;
  deleted.uid = uid;
  return deleted;
}

inline api::IpPool pool(const std::string& rv, const std::string& uid = {}) {
  return version(build::a_pool("p", "10.244.0.0/16"), rv, uid);
}

}  // namespace controller
