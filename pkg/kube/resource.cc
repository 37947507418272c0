#include "kube/resource.h"

#include <fmt/format.h>

namespace kube {

std::string Resource::api_version() const {
  return group.empty() ? std::string(version) : fmt::format("{}/{}", group, version);
}

std::string ObjectRef::to_string() const {
  const std::string kind = resource.group.empty()
                               ? std::string(resource.plural)
                               : fmt::format("{}.{}", resource.plural, resource.group);
  return ns.empty() ? fmt::format("{} {}", kind, name) : fmt::format("{} {}/{}", kind, ns, name);
}

}  // namespace kube
