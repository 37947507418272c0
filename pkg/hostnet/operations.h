// The operations of the agent, one function each: what is still to be done on this host.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

void preflight(HostPlanBuilder& builder);
void hand_over(HostPlanBuilder& builder);
void hand_back(HostPlanBuilder& builder);
void cut_over(HostPlanBuilder& builder);
void cut_back(HostPlanBuilder& builder);
void verify(HostPlanBuilder& builder);
void probe(HostPlanBuilder& builder);
void free_leases(HostPlanBuilder& builder);
void clean_flannel(HostPlanBuilder& builder);
void clean_calico(HostPlanBuilder& builder);
void finalize(HostPlanBuilder& builder);

}  // namespace hostnet
