#include "hostnet/draft.h"
#include "hostnet/filters.h"
#include "hostnet/peer_routes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

// As after a power cut: neither a tunnel nor a pod, on flannel's bridge or on a link of its own, is
// left to be handed over.
bool nothing_lives(const Draft& draft) {
  const auto& links = draft.state.links;
  return find_bridge(draft.state, draft.task) == nullptr &&
         calico_pods(draft.state, draft.task).empty() &&
         std::none_of(links.begin(), links.end(),
                      [](const auto& link) { return link.vxlan.has_value(); });
}

// The device, whether it has its new name already or not, must be one that Felix would keep.
void check_tunnel(Draft& draft, const Tunnel& tunnel) {
  const auto* link = draft.state.find_link(tunnel.flannel);
  if (link == nullptr) link = draft.state.find_link(tunnel.calico);
  if (link == nullptr && nothing_lives(draft))
    return draft.plan.notes.push_back("there is no device " + tunnel.flannel +
                                      ": Calico makes one");
  if (link == nullptr)
    return draft.refuse("there is no device " + tunnel.flannel, api::kReasonNotHandOverable);
  const auto problems = tunnel_problems(draft.state, draft.task, tunnel, *link);
  if (!problems.empty()) {
    draft.refuse(fmt::format("{} {}", link->name, fmt::join(problems, ", ")),
                 api::kReasonNotHandOverable);
  }
  // Draining the node would not change the MTU.
  const auto mtu = mtu_problem(draft.task, tunnel, *link);
  if (!mtu.empty() && !is_too_large(draft.task, tunnel, *link)) {
    draft.refuse(fmt::format("{} {}: set spec.flannel.mtu to the smallest that flannel uses",
                             link->name, mtu));
  }
}

// Something else under the name that the device is to get: only a VXLAN device may go.
void clear_name(Draft& draft, const std::string& from, const std::string& to) {
  const auto* link = draft.state.find_link(from);
  const auto* in_the_way = draft.state.find_link(to);
  if (link == nullptr || in_the_way == nullptr) return;
  if (!in_the_way->vxlan)
    return draft.refuse(fmt::format("{} is of kind '{}' and is left alone", to, in_the_way->kind));
  draft.add(DeleteLink{in_the_way->index, in_the_way->name});
}

// What is to be remembered while devices are down: everything that lies on them.
std::string note_lays(const Draft& draft, const Memory& devices) {
  Memory memory = devices;
  for (auto& [family, device] : memory.devices) device.lay = lay_of(draft.state, device.index);
  return render_memory(memory);
}

void rename_tunnel(Draft& draft, const Memory& devices, const std::string& from,
                   const std::string& to) {
  const auto* link = find_tunnel(draft.state, draft.task, from);
  if (link == nullptr) return;
  clear_name(draft, from, to);
  const auto mac = link->mac_is_set ? std::nullopt : link->mac;
  draft.add(RenameLink{link->index, from, to, lay_of(draft.state, link->index),
                       note_lays(draft, devices), mac});
}

// A node that was never handed over is not written to: it may be one that cannot be.
void rename_back(Draft& draft) {
  const bool any = std::any_of(draft.tunnels.begin(), draft.tunnels.end(), [&](const auto& tunnel) {
    return find_tunnel(draft.state, draft.task, tunnel.calico) != nullptr;
  });
  if (!any) return;
  const auto devices = remember_devices(draft);
  for (const auto& tunnel : draft.tunnels)
    rename_tunnel(draft, devices, tunnel.calico, tunnel.flannel);
}

bool has_host_route(const HostState& state, const net::IpAddress& address) {
  return std::any_of(state.routes.begin(), state.routes.end(), [&address](const auto& route) {
    return route.destination == net::Cidr(address, address.bits()) &&
           route.type == netlink::RouteType::Unicast && route.table == netlink::kMainTable;
  });
}

// A host route beats Felix's blackhole of the block that the address is in.
void keep_pods_reachable(Draft& draft) {
  const auto* bridge = find_bridge(draft.state, draft.task);
  if (bridge == nullptr) return;
  for (const auto& address : flannel_pods(draft.state, draft.task)) {
    if (has_host_route(draft.state, address)) continue;
    netlink::Route route;
    route.destination = net::Cidr(address, address.bits());
    route.link = bridge->index;
    route.protocol = kProtocolHandOver;
    if (address.family() == net::Family::V4) route.scope = netlink::kScopeLink;
    draft.add(SetRoute{route});
  }
  let_pods_meet(draft, true);
}

// On a device that has Felix's name already and is up again, if it had to be down for that.
void lay_peer_routes(Draft& draft) {
  for (const auto& tunnel : draft.tunnels) {
    const auto* link = find_tunnel(draft.state, draft.task, tunnel.calico);
    if (link == nullptr || !link->up) continue;
    auto missing = missing_peer_routes(draft.state, draft.task, tunnel, *link);
    if (!missing.empty()) draft.add(SetRoutes{std::move(missing)});
  }
}

// Calico's pods live on while flannel starts others, except on Canal, where both are alike.
void let_calico_pods_meet(Draft& draft) {
  const bool meet =
      !is_or_was_canal(draft.state, draft.task) && !calico_pods(draft.state, draft.task).empty();
  if (meet) make_bridge(draft);
  let_pods_meet(draft, meet);
}

}  // namespace

void hand_over(Draft& draft) {
  refuse_hostile(draft);
  refuse_odd_bridge(draft);
  refuse_unknown_leases(draft);
  if (!draft.stopped() && lay_again(draft)) return;
  for (const auto& tunnel : draft.tunnels) check_tunnel(draft, tunnel);
  if (is_canal(draft.state)) wait_for_felix(draft);
  if (draft.stopped()) return;
  put_dummy_conf(draft);
  // From here on no pod starts: what lives is read anew.
  if (!draft.plan.actions.empty()) return;
  disarm_upgrade_ipam(draft);
  rename_port_maps(draft, kCalicoNetwork);
  keep_pods_reachable(draft);
  const auto devices = remember_devices(draft);
  lower_mtu(draft);
  for (const auto& tunnel : draft.tunnels)
    rename_tunnel(draft, devices, tunnel.flannel, tunnel.calico);
  lay_peer_routes(draft);
}

// Any mix of before and after is a beginning. A device that flanneld does not like it makes anew,
// so that nothing about it is a reason to refuse.
void hand_back(Draft& draft) {
  refuse_hostile(draft);
  if (!draft.stopped() && lay_again(draft)) return;
  wait_for_felix(draft);
  if (draft.stopped()) return;
  arm_canal_again(draft);
  drop_stale_leases(draft);
  write_leases(draft);
  // The addresses must be taken before the first pod can start with flannel again.
  if (!draft.plan.actions.empty()) return;
  rename_back(draft);
  give_mtu_back(draft);
  drop_felix_blackholes(draft);
  drop_hand_over_routes(draft);
  drop_peer_routes(draft);
  cut_filters(draft, vxlan_drop_cuts(draft.state.filters));
  rename_port_maps(draft, flannel_network(draft.state, draft.task));
  let_calico_pods_meet(draft);
  hold_for_flannel_conf(draft);
  move_calico_conf_away(draft);
}

}  // namespace hostnet
