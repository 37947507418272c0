#include "hostnet/draft.h"
#include "hostnet/felix_routes.h"
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
bool calico_was_here(const Draft& draft) {
  const auto& links = draft.state.links;
  return draft.exists(std::string(kCalicoNodename)) ||
         std::any_of(links.begin(), links.end(), [](const auto& link) {
           return link.name.starts_with("cali") || link.name.ends_with(".calico");
         });
}

}  // namespace

void refuse_hostile(Draft& draft) {
  if (!draft.state.hostile.empty())
    draft.refuse(fmt::format("{}", fmt::join(draft.state.hostile, "; ")));
}

void refuse_odd_bridge(Draft& draft) {
  const auto problem = bridge_problem(draft.state, draft.task);
  if (!problem.empty()) draft.refuse(problem + ": it is not flannel's and is left alone");
}

void wait_for_felix(Draft& draft) {
  // Somebody else may have its port where it has never run.
  if (draft.state.felix_alive && (is_canal(draft.state) || calico_was_here(draft)))
    draft.wait_for("waiting for Felix to end");
}

bool lay_again(Draft& draft) {
  Memory memory = draft.state.memory;
  bool pending = false;
  for (auto& [family, device] : memory.devices) {
    if (!device.lay) continue;
    const auto* link = draft.state.find_link(device.index);
    if (link != nullptr && link->vxlan) {
      if (!link->up) draft.add(SetUp{link->index, link->name});
      const Lay rest = missing(*device.lay, draft.state);
      if (rest != Lay{}) draft.add(LayAgain{link->name, rest});
    }
    device.lay.reset();
    pending = true;
  }
  if (!pending) return false;
  // Only when all of it lies there is the note about it thrown away.
  if (draft.plan.actions.empty()) draft.add(WriteFile{std::string(kMemory), render_memory(memory)});
  return true;
}

namespace {

// Of two the other one has to give way.
const netlink::Link* device_of(const Draft& draft, const Tunnel& tunnel) {
  const auto* link = find_tunnel(draft.state, draft.task, tunnel.flannel);
  return link != nullptr ? link : find_tunnel(draft.state, draft.task, tunnel.calico);
}

std::uint32_t remembered_mtu(const Draft& draft, net::Family family) {
  const auto found = draft.state.memory.devices.find(family);
  return found == draft.state.memory.devices.end() ? 0 : found->second.mtu;
}

}  // namespace

Memory remember_devices(Draft& draft) {
  Memory memory;
  for (const auto& tunnel : draft.tunnels) {
    const auto* link = device_of(draft, tunnel);
    if (link == nullptr) continue;
    auto& device = memory.devices[tunnel.family];
    device.index = link->index;
    device.mtu = remembered_mtu(draft, tunnel.family);
    // Felix, too, sets another one.
    const bool still_flannels =
        draft.task.operation == api::AgentOperation::HandOver && link->name == tunnel.flannel;
    if (device.mtu == 0 && still_flannels) device.mtu = link->mtu;
  }
  if (memory != draft.state.memory)
    draft.add(WriteFile{std::string(kMemory), render_memory(memory)});
  return memory;
}

void lower_mtu(Draft& draft) {
  for (const auto& tunnel : draft.tunnels) {
    const auto* link = device_of(draft, tunnel);
    if (link != nullptr && is_too_large(draft.task, tunnel, *link))
      draft.add(SetMtu{link->index, link->name, static_cast<std::uint32_t>(draft.task.mtu)});
  }
}

// Under its own name again.
void give_mtu_back(Draft& draft) {
  Memory memory = draft.state.memory;
  for (const auto& tunnel : draft.tunnels) {
    const auto* link = find_tunnel(draft.state, draft.task, tunnel.flannel);
    const auto mtu = remembered_mtu(draft, tunnel.family);
    if (link == nullptr || mtu == 0) continue;
    if (link->mtu != mtu) draft.add(SetMtu{link->index, link->name, mtu});
    memory.devices[tunnel.family].mtu = 0;
  }
  if (memory != draft.state.memory)
    draft.add(WriteFile{std::string(kMemory), render_memory(memory)});
}

bool has_other_mtu(const Draft& draft) {
  return std::any_of(draft.tunnels.begin(), draft.tunnels.end(), [&draft](const auto& tunnel) {
    const auto* link = device_of(draft, tunnel);
    const auto mtu = remembered_mtu(draft, tunnel.family);
    return link != nullptr && mtu != 0 && link->mtu != mtu;
  });
}

void forget_devices(Draft& draft) { draft.remove_if_there(std::string(kMemory)); }

void put_dummy_conf(Draft& draft) {
  const auto* conf = draft.state.find_conf(kCalicoConf);
  if (conf == nullptr || conf->kind != CniKind::Dummy)
    draft.add(WriteConf{draft.in_cni(kCalicoConf), dummy_conf()});
}

void move_calico_conf_away(Draft& draft) {
  const auto* conf = draft.state.find_conf(kCalicoConf);
  if (conf == nullptr) return;
  const auto path = draft.in_cni(kCalicoConf);
  if (conf->kind == CniKind::Dummy) return draft.add(RemovePath{path});
  draft.add(MovePath{path, saved(path)});
}

void hold_for_flannel_conf(Draft& draft) {
  const auto& confs = draft.state.cni;
  const bool not_needed = std::any_of(confs.begin(), confs.end(), [](const auto& conf) {
    return conf.kind == CniKind::Flannel || conf.kind == CniKind::Canal || conf.file == kHoldConf;
  });
  if (!not_needed) draft.add(WriteConf{draft.in_cni(kHoldConf), dummy_conf()});
}

namespace {

// What listens on the node is asked only where the Node does not say it: any pod of the host's
// network can listen under a name like that.
bool is_cri_o(const Draft& draft) {
  if (!draft.task.container_runtime.empty())
    return draft.task.container_runtime.starts_with("cri-o:");
  const auto& sockets = draft.state.runtime_sockets;
  return std::any_of(sockets.begin(), sockets.end(),
                     [](const auto& path) { return path.ends_with("/crio.sock"); });
}

}  // namespace

// CRI-O remembers with which configuration it started a pod, and asks with that one.
void rename_port_maps(Draft& draft, std::string_view network) {
  if (is_cri_o(draft)) return;
  for (auto& rename : port_map_renames(draft.state.filters, network))
    draft.add(RenameChains{std::move(rename)});
}

void let_pods_meet(Draft& draft, bool meet) {
  const auto* bridge = find_bridge(draft.state, draft.task);
  if (bridge != nullptr && bridge->proxy_arp != meet)
    draft.add(SetProxyArp{bridge->index, bridge->name, meet});
}

namespace {

// As the plugin takes it from subnet.env: what flannel's device had before.
std::uint32_t bridge_mtu(const Draft& draft) {
  const auto mtu = remembered_mtu(draft, net::Family::V4);
  return mtu != 0 ? mtu : static_cast<std::uint32_t>(std::max(draft.task.mtu, 0));
}

}  // namespace

void make_bridge(Draft& draft) {
  const auto name = bridge_name(draft.state);
  const auto* link = draft.state.find_link(name);
  // One without an address: an earlier run was cut off.
  if (link != nullptr && (link->kind != "bridge" || has_addresses(draft.state, *link))) return;
  AddBridge action{name, bridge_mtu(draft), {}};
  for (const auto& tunnel : draft.tunnels) {
    const auto& cidr = tunnel.pod_cidr;
    action.addresses.push_back({0, cidr.address().plus(1), cidr.prefix(), netlink::kScopeUniverse});
  }
  draft.add(std::move(action));
}

void drop_felix_blackholes(Draft& draft) {
  for (const auto& route : draft.state.routes) {
    if (is_felix_blackhole(draft.task, route)) draft.add(DropRoute{route});
  }
}

// On a bridge: a device of Calico's may have routes with that number too, as deviceRouteProtocol
// says.
void drop_hand_over_routes(Draft& draft) {
  for (const auto& route : draft.state.routes) {
    const auto* link = draft.state.find_link(route.link);
    if (route.protocol == kProtocolHandOver && link != nullptr && link->kind == "bridge")
      draft.add(DropRoute{route});
  }
}

void drop_peer_routes(Draft& draft) {
  auto left = left_on_tunnels(draft.state, draft.task);
  if (!left.empty()) draft.add(DropRoutes{std::move(left)});
}

void delete_flannel_tunnels(Draft& draft) {
  for (const auto& tunnel : draft.tunnels) {
    if (const auto* link = find_tunnel(draft.state, draft.task, tunnel.flannel))
      draft.add(DeleteLink{link->index, link->name});
  }
}

// Felix's own names, with whatever VNI it was told before.
void delete_calico_tunnels(Draft& draft) {
  for (const auto* name : {"vxlan.calico", "vxlan-v6.calico"}) {
    const auto* link = draft.state.find_link(name);
    if (link != nullptr && link->vxlan) draft.add(DeleteLink{link->index, link->name});
  }
}

void cut_filters(Draft& draft, const std::vector<netlink::FilterCut>& cuts) {
  for (const auto& cut : cuts) draft.add(CutFilter{cut});
}

}  // namespace hostnet
