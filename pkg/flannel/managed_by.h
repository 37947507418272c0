// Who applied an object and would put it back after an edit or a deletion.
#pragma once

#include "api/meta.h"

#include <string>

namespace flannel {

// "Helm release kube-flannel/flannel", "Argo CD application network", ...; empty when nobody is
// named.
std::string managed_by(const api::ObjectMeta& meta);

}  // namespace flannel
