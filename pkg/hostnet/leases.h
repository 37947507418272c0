// Hides, restores, writes and deletes host-local's leases.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

// Keeps calico-node's upgrade-ipam from importing host-local's leases; and restores them for Canal.
void hide_host_local_leases(HostPlanBuilder& builder);
void restore_host_local_leases(HostPlanBuilder& builder);
// Writes leases for Calico's pods, which live on while flannel starts other pods, and for the
// bridge's own addresses.
void write_leases(HostPlanBuilder& builder);
// Refuses if flannel's pods and their addresses are not known.
void refuse_unknown_leases(HostPlanBuilder& builder);
void drop_stale_leases(HostPlanBuilder& builder);

}  // namespace hostnet
