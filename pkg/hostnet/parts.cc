#include "hostnet/felix_routes.h"
#include "hostnet/plan_builder.h"
#include "hostnet/port_maps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

bool has_addresses(const HostState& state, const netlink::Link& link) {
  return std::any_of(state.addresses.begin(), state.addresses.end(), [&link](const auto& one) {
    return one.link == link.index && one.scope == netlink::kScopeUniverse;
  });
}

// calico-node writes down the node's name before anything else.
bool calico_was_here(const HostPlanBuilder& builder) {
  const auto& links = builder.state.links;
  return builder.exists(std::string(kCalicoNodename)) ||
         std::any_of(links.begin(), links.end(), [](const auto& link) {
           return link.name.starts_with("cali") || link.name.ends_with(".calico");
         });
}

}  // namespace

void refuse_unsafe_paths(HostPlanBuilder& builder) {
  if (!builder.state.hostile.empty())
    builder.refuse(fmt::format("{}", fmt::join(builder.state.hostile, "; ")));
}

void refuse_odd_bridge(HostPlanBuilder& builder) {
  const auto problem = bridge_problem(builder.state, builder.task);
  if (!problem.empty()) builder.refuse(problem + ": it is not flannel's and is left alone");
}

void wait_for_felix(HostPlanBuilder& builder) {
  // Somebody else may have its port where it has never run.
  if (builder.state.felix_alive && (is_canal(builder.state) || calico_was_here(builder)))
    builder.wait_for("waiting for Felix to end");
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
  // Only when all of it lies there is the note about it thrown away.
  if (builder.plan.actions.empty())
    builder.add(WriteFile{std::string(kSavedDevicesFile), render_saved_devices(memory)});
  return true;
}

namespace {

// Of two the other one has to give way.
const netlink::Link* device_of(const HostPlanBuilder& builder, const Tunnel& tunnel) {
  const auto* link = find_tunnel(builder.state, builder.task, tunnel.flannel);
  return link != nullptr ? link : find_tunnel(builder.state, builder.task, tunnel.calico);
}

std::uint32_t remembered_mtu(const HostPlanBuilder& builder, net::Family family) {
  const auto found = builder.state.memory.devices.find(family);
  return found == builder.state.memory.devices.end() ? 0 : found->second.mtu;
}

}  // namespace

SavedDevices remember_devices(HostPlanBuilder& builder) {
  SavedDevices memory;
  for (const auto& tunnel : builder.tunnels) {
    const auto* link = device_of(builder, tunnel);
    if (link == nullptr) continue;
    auto& device = memory.devices[tunnel.family];
    device.index = link->index;
    device.mtu = remembered_mtu(builder, tunnel.family);
    // Felix, too, sets another one.
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

// Under its own name again.
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

void block_pod_starts(HostPlanBuilder& builder) {
  const auto* conf = builder.state.find_conf(kCalicoConf);
  if (conf == nullptr || conf->kind != CniKind::Dummy)
    builder.add(WriteConf{builder.in_cni(kCalicoConf), dummy_conf()});
}

void move_calico_conf_away(HostPlanBuilder& builder) {
  const auto* conf = builder.state.find_conf(kCalicoConf);
  if (conf == nullptr) return;
  const auto path = builder.in_cni(kCalicoConf);
  if (conf->kind == CniKind::Dummy) return builder.add(RemovePath{path});
  builder.add(MovePath{path, saved(path)});
}

void write_placeholder_conf(HostPlanBuilder& builder) {
  const auto& confs = builder.state.cni;
  const bool not_needed = std::any_of(confs.begin(), confs.end(), [](const auto& conf) {
    return conf.kind == CniKind::Flannel || conf.kind == CniKind::Canal || conf.file == kHoldConf;
  });
  if (!not_needed) builder.add(WriteConf{builder.in_cni(kHoldConf), dummy_conf()});
}

namespace {

// What listens on the node is asked only where the Node does not say it: any pod of the host's
// network can listen under a name like that.
bool is_cri_o(const HostPlanBuilder& builder) {
  if (!builder.task.container_runtime.empty())
    return builder.task.container_runtime.starts_with("cri-o:");
  const auto& sockets = builder.state.runtime_sockets;
  return std::any_of(sockets.begin(), sockets.end(),
                     [](const auto& path) { return path.ends_with("/crio.sock"); });
}

}  // namespace

// CRI-O remembers with which configuration it started a pod, and asks with that one.
void rename_port_maps(HostPlanBuilder& builder, std::string_view network) {
  if (is_cri_o(builder)) return;
  for (auto& rename : port_map_renames(builder.state.filters, network))
    builder.add(RenameChains{std::move(rename)});
}

void enable_proxy_arp_between_pods(HostPlanBuilder& builder, bool meet) {
  const auto* bridge = find_bridge(builder.state, builder.task);
  if (bridge != nullptr && bridge->proxy_arp != meet)
    builder.add(SetProxyArp{bridge->index, bridge->name, meet});
}

namespace {

// As the plugin takes it from subnet.env: what flannel's device had before.
std::uint32_t bridge_mtu(const HostPlanBuilder& builder) {
  const auto mtu = remembered_mtu(builder, net::Family::V4);
  return mtu != 0 ? mtu : static_cast<std::uint32_t>(std::max(builder.task.mtu, 0));
}

}  // namespace

void make_bridge(HostPlanBuilder& builder) {
  const auto name = bridge_name(builder.state);
  const auto* link = builder.state.find_link(name);
  // One without an address: an earlier run was cut off.
  if (link != nullptr && (link->kind != "bridge" || has_addresses(builder.state, *link))) return;
  AddBridge action{name, bridge_mtu(builder), {}};
  for (const auto& tunnel : builder.tunnels) {
    const auto& cidr = tunnel.pod_cidr;
    action.addresses.push_back({0, cidr.address().plus(1), cidr.prefix(), netlink::kScopeUniverse});
  }
  builder.add(std::move(action));
}

void drop_felix_blackholes(HostPlanBuilder& builder) {
  for (const auto& route : builder.state.routes) {
    if (is_felix_blackhole(builder.task, route)) builder.add(DropRoute{route});
  }
}

// On a bridge: a device of Calico's may have routes with that number too, as deviceRouteProtocol
// says.
void drop_hand_over_routes(HostPlanBuilder& builder) {
  for (const auto& route : builder.state.routes) {
    const auto* link = builder.state.find_link(route.link);
    if (route.protocol == kProtocolHandOver && link != nullptr && link->kind == "bridge")
      builder.add(DropRoute{route});
  }
}

void drop_peer_routes(HostPlanBuilder& builder) {
  auto left = left_on_tunnels(builder.state, builder.task);
  if (!left.empty()) builder.add(DropRoutes{std::move(left)});
}

void delete_flannel_tunnels(HostPlanBuilder& builder) {
  for (const auto& tunnel : builder.tunnels) {
    if (const auto* link = find_tunnel(builder.state, builder.task, tunnel.flannel))
      builder.add(DeleteLink{link->index, link->name});
  }
}

// Felix's own names, with whatever VNI it was told before.
void delete_calico_tunnels(HostPlanBuilder& builder) {
  for (const auto* name : {"vxlan.calico", "vxlan-v6.calico"}) {
    const auto* link = builder.state.find_link(name);
    if (link != nullptr && link->vxlan) builder.add(DeleteLink{link->index, link->name});
  }
}

void cut_filters(HostPlanBuilder& builder, const std::vector<netlink::FilterCut>& cuts) {
  for (const auto& cut : cuts) builder.add(CutFilter{cut});
}

}  // namespace hostnet
