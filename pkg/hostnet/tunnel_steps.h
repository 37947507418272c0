// Steps that several operations share, on the tunnel devices: what is saved of them, what is
// restored, and their end. Each looks first, and plans only what is missing.
#pragma once

#include "hostnet/plan_builder.h"

namespace hostnet {

// The MTU that flannel gave the device of that family; 0 where none was saved.
std::uint32_t remembered_mtu(const HostPlanBuilder& builder, net::Family family);

// Restores what an earlier run, which was cut off, had taken from a device that it set down for its
// new name. True when there was something to do.
bool restore_device_state(HostPlanBuilder& builder);

// Saves which devices are handed over, and the MTU that flannel gave them.
SavedDevices remember_devices(HostPlanBuilder& builder);
void forget_devices(HostPlanBuilder& builder);

// Lowers the MTU of flannel's IPv4 device to the cluster's if it is larger; and restores it.
void lower_mtu(HostPlanBuilder& builder);
void give_mtu_back(HostPlanBuilder& builder);
// True if the device's MTU still differs from the saved one that is to be restored.
bool has_other_mtu(const HostPlanBuilder& builder);

void delete_flannel_tunnels(HostPlanBuilder& builder);
void delete_calico_tunnels(HostPlanBuilder& builder);

}  // namespace hostnet
