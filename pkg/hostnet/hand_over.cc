#include "hostnet/bridge_steps.h"
#include "hostnet/cni_files.h"
#include "hostnet/filter_steps.h"
#include "hostnet/filters.h"
#include "hostnet/guards.h"
#include "hostnet/leases.h"
#include "hostnet/operations.h"
#include "hostnet/peer_routes.h"
#include "hostnet/route_steps.h"
#include "hostnet/tunnel_steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

// True as after a power cut: neither a tunnel nor a pod, on flannel's bridge or on a link of its
// own, is left to be handed over.
bool nothing_lives(const HostPlanBuilder& builder) {
  const auto& links = builder.state.links;
  return find_bridge(builder.state, builder.task) == nullptr &&
         calico_pods(builder.state, builder.task).empty() &&
         std::none_of(links.begin(), links.end(),
                      [](const auto& link) { return link.vxlan.has_value(); });
}

// Refuses a device that Felix would not keep, whether it has its new name already or not.
void check_tunnel(HostPlanBuilder& builder, const Tunnel& tunnel) {
  const auto* link = builder.state.find_link(tunnel.flannel);
  if (link == nullptr) link = builder.state.find_link(tunnel.calico);
  if (link == nullptr && nothing_lives(builder))
    return builder.plan.notes.push_back("there is no device " + tunnel.flannel +
                                        ": Calico makes one");
  if (link == nullptr)
    return builder.refuse("there is no device " + tunnel.flannel, api::kReasonNotHandOverable);
  const auto problems = tunnel_problems(builder.state, builder.task, tunnel, *link);
  if (!problems.empty()) {
    builder.refuse(fmt::format("{} {}", link->name, fmt::join(problems, ", ")),
                   api::kReasonNotHandOverable);
  }
  // Draining the node would not change the MTU.
  const auto mtu = mtu_problem(builder.task, tunnel, *link);
  if (!mtu.empty() && !is_too_large(builder.task, tunnel, *link)) {
    builder.refuse(fmt::format("{} {}: set spec.flannel.mtu to the smallest that flannel uses",
                               link->name, mtu));
  }
}

// Deletes a VXLAN device under the name that the device is to get; any other device is refused.
void clear_name(HostPlanBuilder& builder, const std::string& from, const std::string& to) {
  const auto* link = builder.state.find_link(from);
  const auto* in_the_way = builder.state.find_link(to);
  if (link == nullptr || in_the_way == nullptr) return;
  if (!in_the_way->vxlan)
    return builder.refuse(
        fmt::format("{} is of kind '{}' and is left alone", to, in_the_way->kind));
  builder.add(DeleteLink{in_the_way->index, in_the_way->name});
}

// Returns the note about the devices with the settings of each, which are lost while it is down.
std::string note_lays(const HostPlanBuilder& builder, const SavedDevices& devices) {
  SavedDevices memory = devices;
  for (auto& [family, device] : memory.devices)
    device.device_state = device_state_of(builder.state, device.index);
  return render_saved_devices(memory);
}

void rename_tunnel(HostPlanBuilder& builder, const SavedDevices& devices, const std::string& from,
                   const std::string& to) {
  const auto* link = find_tunnel(builder.state, builder.task, from);
  if (link == nullptr) return;
  clear_name(builder, from, to);
  const auto mac = link->mac_is_set ? std::nullopt : link->mac;
  builder.add(RenameLink{link->index, from, to, device_state_of(builder.state, link->index),
                         note_lays(builder, devices), mac});
}

// Writes nothing on a node that was never handed over, as writing may be impossible there.
void rename_back(HostPlanBuilder& builder) {
  const bool any =
      std::any_of(builder.tunnels.begin(), builder.tunnels.end(), [&](const auto& tunnel) {
        return find_tunnel(builder.state, builder.task, tunnel.calico) != nullptr;
      });
  if (!any) return;
  const auto devices = remember_devices(builder);
  for (const auto& tunnel : builder.tunnels)
    rename_tunnel(builder, devices, tunnel.calico, tunnel.flannel);
}

bool has_host_route(const HostState& state, const net::IpAddress& address) {
  return std::any_of(state.routes.begin(), state.routes.end(), [&address](const auto& route) {
    return route.destination == net::Cidr(address, address.bits()) &&
           route.type == netlink::RouteType::Unicast && route.table == netlink::kMainTable;
  });
}

// A host route takes precedence over Felix's blackhole of the block that the address is in.
void keep_pods_reachable(HostPlanBuilder& builder) {
  const auto* bridge = find_bridge(builder.state, builder.task);
  if (bridge == nullptr) return;
  for (const auto& address : flannel_pods(builder.state, builder.task)) {
    if (has_host_route(builder.state, address)) continue;
    netlink::Route route;
    route.destination = net::Cidr(address, address.bits());
    route.link = bridge->index;
    route.protocol = kProtocolHandOver;
    if (address.family() == net::Family::V4) route.scope = netlink::kScopeLink;
    builder.add(SetRoute{route});
  }
  enable_proxy_arp_between_pods(builder, true);
}

// Adds the routes on a device that has Felix's name already and is up again, if it had to be down
// for the new name.
void lay_peer_routes(HostPlanBuilder& builder) {
  for (const auto& tunnel : builder.tunnels) {
    const auto* link = find_tunnel(builder.state, builder.task, tunnel.calico);
    if (link == nullptr || !link->up) continue;
    auto missing = missing_peer_routes(builder.state, builder.task, tunnel, *link);
    if (!missing.empty()) builder.add(SetRoutes{std::move(missing)});
  }
}

// Calico's pods live on while flannel starts other pods, except on Canal, where both are alike.
void let_calico_pods_meet(HostPlanBuilder& builder) {
  const bool meet = !is_or_was_canal(builder.state, builder.task) &&
                    !calico_pods(builder.state, builder.task).empty();
  if (meet) make_bridge(builder);
  enable_proxy_arp_between_pods(builder, meet);
}

}  // namespace

void hand_over(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  refuse_odd_bridge(builder);
  refuse_unknown_leases(builder);
  if (!builder.stopped() && restore_device_state(builder)) return;
  for (const auto& tunnel : builder.tunnels) check_tunnel(builder, tunnel);
  if (is_canal(builder.state)) wait_for_felix(builder);
  if (builder.stopped()) return;
  block_pod_starts(builder);
  // Pod starts are blocked first; the pods that live then are read in the next run.
  if (!builder.plan.actions.empty()) return;
  hide_host_local_leases(builder);
  rename_port_maps(builder, kCalicoNetwork);
  keep_pods_reachable(builder);
  const auto devices = remember_devices(builder);
  lower_mtu(builder);
  for (const auto& tunnel : builder.tunnels)
    rename_tunnel(builder, devices, tunnel.flannel, tunnel.calico);
  lay_peer_routes(builder);
}

// Works from any mix of the two states. flanneld recreates a device that it cannot use, so nothing
// about the device is a reason to refuse.
void hand_back(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  if (!builder.stopped() && restore_device_state(builder)) return;
  wait_for_felix(builder);
  if (builder.stopped()) return;
  restore_host_local_leases(builder);
  drop_stale_leases(builder);
  write_leases(builder);
  // The addresses must be taken before the first pod can start with flannel again.
  if (!builder.plan.actions.empty()) return;
  rename_back(builder);
  give_mtu_back(builder);
  drop_felix_blackholes(builder);
  drop_hand_over_routes(builder);
  drop_peer_routes(builder);
  cut_filters(builder, vxlan_drop_cuts(builder.state.filters));
  rename_port_maps(builder, flannel_network(builder.state, builder.task));
  let_calico_pods_meet(builder);
  write_placeholder_conf(builder);
  move_calico_conf_away(builder);
}

}  // namespace hostnet
