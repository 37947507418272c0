// The two networks a node can be on, and the label values that say so (the contract of
// api::kNetworkLabel).
#pragma once

#include "api/migration_spec.h"

#include <optional>
#include <string_view>

namespace migration {

enum class Network {
  Flannel,
  Calico,
  None,  // between the two: neither DaemonSet runs there, the kernel keeps forwarding
};

std::string_view to_string(Network network);    // "Flannel", "Calico", "None"
std::string_view label_value(Network network);  // "flannel", "calico", "none"
std::optional<Network> parse_label_value(std::string_view value);
Network other(Network network);  // Flannel <-> Calico; None stays
Network network_of(api::Target target);

}  // namespace migration
