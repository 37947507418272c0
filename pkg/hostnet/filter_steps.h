// Steps that several operations share, on iptables: chains of hostPorts, and rules that go.
#pragma once

#include "hostnet/plan_builder.h"

#include <string_view>
#include <vector>

namespace hostnet {

// Renames the chains of the portmap plugin to those that it looks for under `network`.
void rename_port_maps(HostPlanBuilder& builder, std::string_view network);
void cut_filters(HostPlanBuilder& builder, const std::vector<netlink::FilterCut>& cuts);

}  // namespace hostnet
