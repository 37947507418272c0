#include "hostnet/draft.h"
#include "hostnet/filters.h"

#include <fmt/format.h>

namespace hostnet {
namespace {

// A name of flannel's on a device that flannel would not make.
void refuse_odd_tunnels(Draft& draft) {
  for (const auto& tunnel : draft.tunnels) {
    const auto* link = draft.state.find_link(tunnel.flannel);
    if (link == nullptr || is_tunnel(*link, draft.task)) continue;
    draft.refuse(link->vxlan ? fmt::format("{} has VNI {}, wanted {}: it is left alone", link->name,
                                           link->vxlan->vni, draft.task.vni)
                             : fmt::format("{} is of kind '{}', wanted vxlan: it is left alone",
                                           link->name, link->kind));
  }
}

}  // namespace

void cut_over(Draft& draft) {
  refuse_hostile(draft);
  refuse_odd_bridge(draft);
  refuse_odd_tunnels(draft);
  refuse_unknown_leases(draft);
  if (is_canal(draft.state)) wait_for_felix(draft);
  if (draft.stopped()) return;
  put_dummy_conf(draft);
  if (!draft.plan.actions.empty()) return;
  disarm_upgrade_ipam(draft);
  rename_port_maps(draft, kCalicoNetwork);
  forget_devices(draft);
  delete_flannel_tunnels(draft);
  if (const auto* bridge = find_bridge(draft.state, draft.task))
    draft.add(DeleteLink{bridge->index, bridge->name});
}

void cut_back(Draft& draft) {
  refuse_hostile(draft);
  wait_for_felix(draft);
  if (draft.stopped()) return;
  arm_canal_again(draft);
  drop_stale_leases(draft);
  write_leases(draft);
  if (!draft.plan.actions.empty()) return;
  forget_devices(draft);
  delete_calico_tunnels(draft);
  drop_felix_blackholes(draft);
  drop_hand_over_routes(draft);
  cut_filters(draft, vxlan_drop_cuts(draft.state.filters));
  rename_port_maps(draft, flannel_network(draft.state, draft.task));
  hold_for_flannel_conf(draft);
  move_calico_conf_away(draft);
}

}  // namespace hostnet
