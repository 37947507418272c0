// Steps that several operations share, on the CNI configuration that the container runtime reads.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

// Puts a configuration in Calico's place that starts no pod, until install-cni writes the real one.
void block_pod_starts(HostPlanBuilder& builder);
void move_calico_conf_away(HostPlanBuilder& builder);
// Writes a configuration that starts no pod where flannel's went with the end of a migration: the
// runtime reports its node NotReady without any.
void write_placeholder_conf(HostPlanBuilder& builder);

}  // namespace hostnet
