#include "hostnet/bridge_steps.h"
#include "hostnet/felix_routes.h"
#include "hostnet/filter_steps.h"
#include "hostnet/filters.h"
#include "hostnet/guards.h"
#include "hostnet/leases.h"
#include "hostnet/operations.h"
#include "hostnet/port_maps.h"
#include "hostnet/route_steps.h"
#include "hostnet/tunnel_steps.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

// Deletes the blackhole that flanneld --ip-blackhole-route adds for the whole pod CIDR
// (pkg/ip/iface.go). A blackhole of another protocol or in another table has another owner and
// stays.
void drop_flannel_blackholes(HostPlanBuilder& builder) {
  for (const auto& route : builder.state.routes) {
    if (is_flannel_blackhole(builder.task, route)) builder.add(DropRoute{route});
  }
}

void wait_for_pods(HostPlanBuilder& builder) {
  const auto* bridge = find_bridge(builder.state, builder.task);
  if (bridge == nullptr) return;
  const auto ports = ports_of(builder.state, *bridge);
  if (!ports.empty())
    builder.wait_for(
        fmt::format("pods still hang on {}: {}", bridge->name, fmt::join(ports, ", ")));
}

void delete_bridge(HostPlanBuilder& builder) {
  if (const auto* bridge = find_bridge(builder.state, builder.task))
    builder.add(DeleteLink{bridge->index, bridge->name});
}

// Deletes the leases once no pod of the bridge, or on Canal of host-local, is left: a lease that
// came back with a revert would never be released.
void remove_flannel_leases(HostPlanBuilder& builder) {
  const auto leases = lease_folder(builder.state, builder.task);
  for (const auto& folder : {leases, saved(leases)}) {
    if (builder.state.lease_folders.contains(folder)) builder.add(RemovePath{folder});
  }
  if (leases != canal_leases()) hide_host_local_leases(builder);
}

void remove_our_leases(HostPlanBuilder& builder) {
  for (const auto& lease : builder.state.leases) {
    if (lease.ours) builder.add(RemovePath{path_of(lease)});
  }
}

// Canal's network and Calico's have the same name: their rules cannot be distinguished, and need
// not be.
void cut_port_maps(HostPlanBuilder& builder, std::string_view network) {
  if (flannel_network(builder.state, builder.task) != kCalicoNetwork)
    cut_filters(builder, port_map_cuts(builder.state.filters, network));
}

void delete_felix_links(HostPlanBuilder& builder) {
  for (const auto& link : builder.state.links) {
    const bool pod = link.kind == "veth" && link.name.starts_with("cali");
    const bool wireguard = link.kind == "wireguard" && link.name.ends_with(".cali");
    if (pod || wireguard) builder.add(DeleteLink{link.index, link.name});
  }
}

// Routes on Felix's own devices have gone with the devices.
void drop_felix_routes(HostPlanBuilder& builder) {
  for (const auto& route : builder.state.routes) {
    if (route.protocol == netlink::kProtocolFelix || is_felix_blackhole(builder.task, route))
      builder.add(DropRoute{route});
  }
}

// The sets come behind the rules, which refer to them.
void destroy_ip_sets(HostPlanBuilder& builder) {
  for (const auto& name : builder.state.ip_sets) {
    if (name.starts_with("cali40") || name.starts_with("cali60")) builder.add(DestroyIpSet{name});
  }
}

void remove_calico_files(HostPlanBuilder& builder) {
  builder.remove_if_there(builder.in_cni(kCalicoConf));
  builder.remove_if_there(builder.in_cni(kCalicoKubeconfig));
  for (const auto path : {kCalicoNodename, kCalicoMtu, kCalicoRun})
    builder.remove_if_there(std::string(path));
}

void refuse_without_calico_conf(HostPlanBuilder& builder) {
  const auto* conf = builder.state.network_conf();
  if (conf == nullptr || conf->kind != CniKind::Calico)
    builder.refuse(
        "Calico's CNI configuration is not in force: without flannel's no pod could start");
}

}  // namespace

void clean_flannel(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  refuse_odd_bridge(builder);
  wait_for_pods(builder);
  if (builder.stopped()) return;
  drop_hand_over_routes(builder);
  drop_flannel_blackholes(builder);
  delete_bridge(builder);
  delete_flannel_tunnels(builder);
  cut_filters(builder, flannel_cuts(builder.state.filters));
  cut_port_maps(builder, flannel_network(builder.state, builder.task));
  remove_flannel_leases(builder);
  builder.remove_if_there(builder.in_cni(kHoldConf));
}

void clean_calico(HostPlanBuilder& builder) {
  // Felix runs on Canal's nodes too, and goes on using all that it has made.
  const bool felix_stays = is_canal(builder.state);
  refuse_unsafe_paths(builder);
  if (!felix_stays) wait_for_felix(builder);
  if (builder.stopped()) return;
  if (!felix_stays) {
    delete_felix_links(builder);
    delete_calico_tunnels(builder);
    drop_felix_routes(builder);
    cut_filters(builder, calico_cuts(builder.state.filters));
    cut_port_maps(builder, kCalicoNetwork);
    destroy_ip_sets(builder);
    remove_calico_files(builder);
  }
  // Felix's routes on flannel's device are deleted in either case, also if Felix stays.
  drop_peer_routes(builder);
  drop_hand_over_routes(builder);
  enable_proxy_arp_between_pods(builder, false);
  builder.remove_if_there(saved(builder.in_cni(kCalicoConf)));
  builder.remove_if_there(builder.in_cni(kHoldConf));
  remove_our_leases(builder);
}

void finalize(HostPlanBuilder& builder) {
  refuse_without_calico_conf(builder);
  clean_flannel(builder);
  if (builder.stopped()) return;
  for (const auto& conf : builder.state.cni) {
    if (conf.kind == CniKind::Flannel || conf.kind == CniKind::Canal)
      builder.add(RemovePath{builder.in_cni(conf.file)});
  }
  if (!is_or_was_canal(builder.state, builder.task) &&
      builder.state.lease_folders.contains(saved(canal_leases())))
    builder.add(RemovePath{saved(canal_leases())});
  builder.remove_if_there(saved(builder.in_cni(kCalicoConf)));  // of a revert that was turned round
  for (const auto path : {kSubnetEnv, kFlannelDelegates})
    builder.remove_if_there(std::string(path));
  if (!has_other_mtu(builder)) forget_devices(builder);
}

}  // namespace hostnet
