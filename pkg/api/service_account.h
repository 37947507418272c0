// A ServiceAccount as the API server names it as a user.
#pragma once

#include "api/meta.h"

#include <fmt/format.h>

#include <string>

namespace api {

// "system:serviceaccount:kube-system:canal"
inline std::string user_of(const ObjectKey& account) {
  return fmt::format("system:serviceaccount:{}:{}", account.ns, account.name);
}

}  // namespace api
