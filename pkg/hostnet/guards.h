// Checks that must pass before a host is changed. Each refuses or waits.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

// Refuses when a file that is to be written or read is a symbolic link, or lies where others write.
void refuse_unsafe_paths(HostPlanBuilder& builder);
// Waits until Felix has ended: it takes away the routes of a device that it finds renamed.
void wait_for_felix(HostPlanBuilder& builder);

}  // namespace hostnet
