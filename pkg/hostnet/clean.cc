#include "hostnet/draft.h"
#include "hostnet/felix_routes.h"
#include "hostnet/filters.h"
#include "hostnet/port_maps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

// flanneld --ip-blackhole-route lays one over the whole pod CIDR (pkg/ip/iface.go). One of another
// protocol or in another table is somebody else's.
void drop_flannel_blackholes(Draft& draft) {
  for (const auto& route : draft.state.routes) {
    if (is_flannel_blackhole(draft.task, route)) draft.add(DropRoute{route});
  }
}

void wait_for_pods(Draft& draft) {
  const auto* bridge = find_bridge(draft.state, draft.task);
  if (bridge == nullptr) return;
  const auto ports = ports_of(draft.state, *bridge);
  if (!ports.empty())
    draft.wait_for(fmt::format("pods still hang on {}: {}", bridge->name, fmt::join(ports, ", ")));
}

void delete_bridge(Draft& draft) {
  if (const auto* bridge = find_bridge(draft.state, draft.task))
    draft.add(DeleteLink{bridge->index, bridge->name});
}

// No pod of the bridge, or on Canal of host-local, is left: a lease that came back with a revert
// would never be given up again.
void remove_flannel_leases(Draft& draft) {
  const auto leases = lease_folder(draft.state, draft.task);
  for (const auto& folder : {leases, saved(leases)}) {
    if (draft.state.lease_folders.contains(folder)) draft.add(RemovePath{folder});
  }
  if (leases != canal_leases()) disarm_upgrade_ipam(draft);
}

void remove_our_leases(Draft& draft) {
  for (const auto& lease : draft.state.leases) {
    if (lease.ours) draft.add(RemovePath{path_of(lease)});
  }
}

// Canal's pods and Calico's are of networks of one name: there they cannot be told apart, and need
// not be.
void cut_port_maps(Draft& draft, std::string_view network) {
  if (flannel_network(draft.state, draft.task) != kCalicoNetwork)
    cut_filters(draft, port_map_cuts(draft.state.filters, network));
}

void delete_felix_links(Draft& draft) {
  for (const auto& link : draft.state.links) {
    const bool pod = link.kind == "veth" && link.name.starts_with("cali");
    const bool wireguard = link.kind == "wireguard" && link.name.ends_with(".cali");
    if (pod || wireguard) draft.add(DeleteLink{link.index, link.name});
  }
}

// Those on Felix's own devices have gone with them.
void drop_felix_routes(Draft& draft) {
  for (const auto& route : draft.state.routes) {
    if (route.protocol == netlink::kProtocolFelix || is_felix_blackhole(draft.task, route))
      draft.add(DropRoute{route});
  }
}

// Behind the rules, which refer to them.
void destroy_ip_sets(Draft& draft) {
  for (const auto& name : draft.state.ip_sets) {
    if (name.starts_with("cali40") || name.starts_with("cali60")) draft.add(DestroyIpSet{name});
  }
}

void remove_calico_files(Draft& draft) {
  draft.remove_if_there(draft.in_cni(kCalicoConf));
  draft.remove_if_there(draft.in_cni(kCalicoKubeconfig));
  for (const auto path : {kCalicoNodename, kCalicoMtu, kCalicoRun})
    draft.remove_if_there(std::string(path));
}

void refuse_without_calico_conf(Draft& draft) {
  const auto* conf = draft.state.network_conf();
  if (conf == nullptr || conf->kind != CniKind::Calico)
    draft.refuse(
        "Calico's CNI configuration is not in force: without flannel's no pod could start");
}

}  // namespace

void clean_flannel(Draft& draft) {
  refuse_hostile(draft);
  refuse_odd_bridge(draft);
  wait_for_pods(draft);
  if (draft.stopped()) return;
  drop_hand_over_routes(draft);
  drop_flannel_blackholes(draft);
  delete_bridge(draft);
  delete_flannel_tunnels(draft);
  cut_filters(draft, flannel_cuts(draft.state.filters));
  cut_port_maps(draft, flannel_network(draft.state, draft.task));
  remove_flannel_leases(draft);
  draft.remove_if_there(draft.in_cni(kHoldConf));
}

void clean_calico(Draft& draft) {
  // Felix runs on Canal's nodes too, and goes on using all that it has made.
  const bool felix_stays = is_canal(draft.state);
  refuse_hostile(draft);
  if (!felix_stays) wait_for_felix(draft);
  if (draft.stopped()) return;
  if (!felix_stays) {
    delete_felix_links(draft);
    delete_calico_tunnels(draft);
    drop_felix_routes(draft);
    cut_filters(draft, calico_cuts(draft.state.filters));
    cut_port_maps(draft, kCalicoNetwork);
    destroy_ip_sets(draft);
    remove_calico_files(draft);
  }
  // On flannel's device none is Felix's any more, whether it stays or not.
  drop_peer_routes(draft);
  drop_hand_over_routes(draft);
  let_pods_meet(draft, false);
  draft.remove_if_there(saved(draft.in_cni(kCalicoConf)));
  draft.remove_if_there(draft.in_cni(kHoldConf));
  remove_our_leases(draft);
}

void finalize(Draft& draft) {
  refuse_without_calico_conf(draft);
  clean_flannel(draft);
  if (draft.stopped()) return;
  for (const auto& conf : draft.state.cni) {
    if (conf.kind == CniKind::Flannel || conf.kind == CniKind::Canal)
      draft.add(RemovePath{draft.in_cni(conf.file)});
  }
  if (!is_or_was_canal(draft.state, draft.task) &&
      draft.state.lease_folders.contains(saved(canal_leases())))
    draft.add(RemovePath{saved(canal_leases())});
  draft.remove_if_there(saved(draft.in_cni(kCalicoConf)));  // of a revert that was turned round
  for (const auto path : {kSubnetEnv, kFlannelDelegates}) draft.remove_if_there(std::string(path));
  if (!has_other_mtu(draft)) forget_devices(draft);
}

}  // namespace hostnet
