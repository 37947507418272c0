// Names the tool that applied an object and would restore it after an edit or a deletion.
#pragma once

#include "api/meta.h"

#include <string>

namespace flannel {

// "Helm release kube-flannel/flannel", "Argo CD application network", ...; empty when the object
// names no tool.
std::string managed_by(const api::ObjectMeta& meta);

}  // namespace flannel
