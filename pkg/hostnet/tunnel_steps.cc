#include "hostnet/tunnel_steps.h"

#include <algorithm>
#include <string>

namespace hostnet {
namespace {

// Prefers the device with flannel's name; if both exist, one of them is about to be deleted.
const netlink::Link* device_of(const HostPlanBuilder& builder, const Tunnel& tunnel) {
  const auto* link = find_tunnel(builder.state, builder.task, tunnel.flannel);
  return link != nullptr ? link : find_tunnel(builder.state, builder.task, tunnel.calico);
}

}  // namespace

std::uint32_t remembered_mtu(const HostPlanBuilder& builder, net::Family family) {
  const auto found = builder.state.memory.devices.find(family);
  return found == builder.state.memory.devices.end() ? 0 : found->second.mtu;
}

bool restore_device_state(HostPlanBuilder& builder) {
  SavedDevices memory = builder.state.memory;
  bool pending = false;
  for (auto& [family, device] : memory.devices) {
    if (!device.device_state) continue;
    const auto* link = builder.state.find_link(device.index);
    if (link != nullptr && link->vxlan) {
      if (!link->up) builder.add(SetUp{link->index, link->name});
      const DeviceState rest = missing(*device.device_state, builder.state);
      if (rest != DeviceState{}) builder.add(RestoreDeviceState{link->name, rest});
    }
    device.device_state.reset();
    pending = true;
  }
  if (!pending) return false;
  // The note about the device state is deleted only when all of it is restored.
  if (builder.plan.actions.empty())
    builder.add(WriteFile{std::string(kSavedDevicesFile), render_saved_devices(memory)});
  return true;
}

SavedDevices remember_devices(HostPlanBuilder& builder) {
  SavedDevices memory;
  for (const auto& tunnel : builder.tunnels) {
    const auto* link = device_of(builder, tunnel);
    if (link == nullptr) continue;
    auto& device = memory.devices[tunnel.family];
    device.index = link->index;
    device.mtu = remembered_mtu(builder, tunnel.family);
    // Felix sets another MTU, too.
    const bool still_flannels =
        builder.task.operation == api::AgentOperation::HandOver && link->name == tunnel.flannel;
    if (device.mtu == 0 && still_flannels) device.mtu = link->mtu;
  }
  if (memory != builder.state.memory)
    builder.add(WriteFile{std::string(kSavedDevicesFile), render_saved_devices(memory)});
  return memory;
}

void lower_mtu(HostPlanBuilder& builder) {
  for (const auto& tunnel : builder.tunnels) {
    const auto* link = device_of(builder, tunnel);
    if (link != nullptr && is_too_large(builder.task, tunnel, *link))
      builder.add(SetMtu{link->index, link->name, static_cast<std::uint32_t>(builder.task.mtu)});
  }
}

// Restores the MTU of a device that has its own name again.
void give_mtu_back(HostPlanBuilder& builder) {
  SavedDevices memory = builder.state.memory;
  for (const auto& tunnel : builder.tunnels) {
    const auto* link = find_tunnel(builder.state, builder.task, tunnel.flannel);
    const auto mtu = remembered_mtu(builder, tunnel.family);
    if (link == nullptr || mtu == 0) continue;
    if (link->mtu != mtu) builder.add(SetMtu{link->index, link->name, mtu});
    memory.devices[tunnel.family].mtu = 0;
  }
  if (memory != builder.state.memory)
    builder.add(WriteFile{std::string(kSavedDevicesFile), render_saved_devices(memory)});
}

bool has_other_mtu(const HostPlanBuilder& builder) {
  return std::any_of(builder.tunnels.begin(), builder.tunnels.end(),
                     [&builder](const auto& tunnel) {
                       const auto* link = device_of(builder, tunnel);
                       const auto mtu = remembered_mtu(builder, tunnel.family);
                       return link != nullptr && mtu != 0 && link->mtu != mtu;
                     });
}

void forget_devices(HostPlanBuilder& builder) {
  builder.remove_if_there(std::string(kSavedDevicesFile));
}

void delete_flannel_tunnels(HostPlanBuilder& builder) {
  for (const auto& tunnel : builder.tunnels) {
    if (const auto* link = find_tunnel(builder.state, builder.task, tunnel.flannel))
      builder.add(DeleteLink{link->index, link->name});
  }
}

// Deletes devices with Felix's own names, whatever VNI Felix was configured with.
void delete_calico_tunnels(HostPlanBuilder& builder) {
  for (const auto* name : {"vxlan.calico", "vxlan-v6.calico"}) {
    const auto* link = builder.state.find_link(name);
    if (link != nullptr && link->vxlan) builder.add(DeleteLink{link->index, link->name});
  }
}

}  // namespace hostnet
