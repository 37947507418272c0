// Steps that several operations share, on flannel's bridge.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

// Refuses where a device under the bridge's name is not flannel's.
void refuse_odd_bridge(HostPlanBuilder& builder);

// Lets the host answer ARP requests between pods of the bridge and Calico's pods, or ends that.
//
// Pods of the bridge expect every address of the pod CIDR on their link, where Calico's pods have
// no port. IPv4 only: for IPv6 it would take a sysctl, which an agent pod may not write.
void enable_proxy_arp_between_pods(HostPlanBuilder& builder, bool enabled);

// Creates the bridge for enable_proxy_arp_between_pods(): the CNI plugin creates it only with the
// node's first pod.
void make_bridge(HostPlanBuilder& builder);

}  // namespace hostnet
