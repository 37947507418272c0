// The name of a pod's interface on its node.
#pragma once

#include <string>

namespace stand_in {

// As Calico names it: the pod decides, so that every plugin and Felix agree.
std::string link_of_pod(const std::string& ns, const std::string& pod);

}  // namespace stand_in
