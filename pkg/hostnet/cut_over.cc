#include "hostnet/bridge_steps.h"
#include "hostnet/cni_files.h"
#include "hostnet/filter_steps.h"
#include "hostnet/filters.h"
#include "hostnet/guards.h"
#include "hostnet/leases.h"
#include "hostnet/operations.h"
#include "hostnet/route_steps.h"
#include "hostnet/tunnel_steps.h"

#include <fmt/format.h>

namespace hostnet {
namespace {

// Refuses a device with flannel's name that flannel would not create.
void refuse_odd_tunnels(HostPlanBuilder& builder) {
  for (const auto& tunnel : builder.tunnels) {
    const auto* link = builder.state.find_link(tunnel.flannel);
    if (link == nullptr || is_tunnel(*link, builder.task)) continue;
    builder.refuse(link->vxlan ? fmt::format("{} has VNI {}, wanted {}: it is left alone",
                                             link->name, link->vxlan->vni, builder.task.vni)
                               : fmt::format("{} is of kind '{}', wanted vxlan: it is left alone",
                                             link->name, link->kind));
  }
}

}  // namespace

void cut_over(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  refuse_odd_bridge(builder);
  refuse_odd_tunnels(builder);
  refuse_unknown_leases(builder);
  if (is_canal(builder.state)) wait_for_felix(builder);
  if (builder.stopped()) return;
  block_pod_starts(builder);
  if (!builder.plan.actions.empty()) return;
  hide_host_local_leases(builder);
  rename_port_maps(builder, kCalicoNetwork);
  forget_devices(builder);
  delete_flannel_tunnels(builder);
  if (const auto* bridge = find_bridge(builder.state, builder.task))
    builder.add(DeleteLink{bridge->index, bridge->name});
}

void cut_back(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  wait_for_felix(builder);
  if (builder.stopped()) return;
  restore_host_local_leases(builder);
  drop_stale_leases(builder);
  write_leases(builder);
  if (!builder.plan.actions.empty()) return;
  forget_devices(builder);
  delete_calico_tunnels(builder);
  drop_felix_blackholes(builder);
  drop_hand_over_routes(builder);
  cut_filters(builder, vxlan_drop_cuts(builder.state.filters));
  rename_port_maps(builder, flannel_network(builder.state, builder.task));
  write_placeholder_conf(builder);
  move_calico_conf_away(builder);
}

}  // namespace hostnet
