// Values of Felix's settings on a node that the agent needs, read where Felix reads them: the
// DaemonSet's environment, the FelixConfiguration of the node, the one of all nodes, the default.
#pragma once

#include "migration/facts/survey.h"

#include <string>
#include <string_view>

namespace migration {

struct FelixValues {
  int health_port = 9099;
  int route_protocol = 3;  // of its routes to peers: what `ip route` calls boot
  bool operator==(const FelixValues&) const = default;
};

// The container that runs Felix; nullptr if there is none.
const api::ContainerSpec* felix_container(const Survey& survey);
// The value of one of its variables, if the DaemonSet itself has it; nullptr otherwise.
const std::string* felix_variable(const Survey& survey, std::string_view name);
// A value that Felix would not accept counts as missing.
FelixValues felix_values(const Survey& survey, std::string_view node);

}  // namespace migration
