#include "hostnet/leases.h"

#include "hostnet/guards.h"
#include "hostnet/operations.h"

#include <algorithm>

namespace hostnet {
namespace {

// host-local assigns neither the ends of a pod CIDR nor the gateway.
bool is_given_out(const api::AgentTask& task, const net::IpAddress& address) {
  return std::none_of(task.pod_cidrs.begin(), task.pod_cidrs.end(), [&address](const auto& cidr) {
    return address == cidr.address() || address == cidr.address().plus(1) ||
           (cidr.contains(address) && address == cidr.address().plus(cidr.size() - 1));
  });
}

// Addresses that flannel's plugin must give to no pod that it starts.
std::set<net::IpAddress> taken(const HostPlanBuilder& builder) {
  auto all = calico_pods(builder.state, builder.task);
  for (const auto& address : bridge_addresses(builder.state, builder.task)) {
    if (is_given_out(builder.task, address)) all.insert(address);
  }
  return all;
}

// Addresses of Calico's pods whose leases are wrong: the lease was left by an earlier pod with the
// address, and would outlive this pod, too. Canal's pods look like Calico's and keep theirs.
std::set<net::IpAddress> with_lost_lease(const HostPlanBuilder& builder) {
  if (is_or_was_canal(builder.state, builder.task)) return {};
  return calico_pods(builder.state, builder.task);
}

// Deletes leases without a live pod for which `matters` is true.
template <typename Matters>
void drop_leases_of_the_dead(HostPlanBuilder& builder, const Matters& matters) {
  const auto live = taken(builder);
  for (const auto& lease : builder.state.leases) {
    if (matters(lease) && !live.contains(lease.address)) builder.add(RemovePath{path_of(lease)});
  }
}

// Deletes leases of pods that ended after the hand-over: Calico's plugin does not know them and
// could not release them.
void drop_leases_in(HostPlanBuilder& builder, const std::string& folder) {
  drop_leases_of_the_dead(builder, [&folder](const auto& lease) { return lease.folder == folder; });
}

}  // namespace

void refuse_unknown_leases(HostPlanBuilder& builder) {
  const auto problem = lease_problem(builder.state, builder.task);
  if (!problem.empty())
    builder.refuse(problem + ": which pods live with which addresses cannot be told");
}

void hide_host_local_leases(HostPlanBuilder& builder) {
  const auto folder = canal_leases();
  if (!builder.state.lease_folders.contains(folder)) return;
  // The older folder is useless once there is a newer one.
  if (builder.state.lease_folders.contains(saved(folder))) builder.add(RemovePath{saved(folder)});
  builder.add(MovePath{folder, saved(folder)});
}

void restore_host_local_leases(HostPlanBuilder& builder) {
  const auto& folders = builder.state.lease_folders;
  const auto folder = canal_leases();
  if (!folders.contains(saved(folder)) || folders.contains(folder)) return;
  if (is_canal(builder.state)) drop_leases_in(builder, saved(folder));
  builder.add(MovePath{saved(folder), folder});
}

void write_leases(HostPlanBuilder& builder) {
  const auto folder = lease_folder(builder.state, builder.task);
  const auto lost = with_lost_lease(builder);
  std::set<net::IpAddress> leased;
  for (const auto& lease : builder.state.leases) {
    const bool here = lease.folder == folder || lease.folder == saved(folder);
    if (here && (lease.ours || !lost.contains(lease.address))) leased.insert(lease.address);
  }
  for (const auto& address : taken(builder)) {
    if (leased.contains(address)) continue;
    // A lease in a folder that host-local does not look into would protect no address.
    refuse_unknown_leases(builder);
    builder.add(WriteFile{join(folder, address.to_string()), std::string(kLeaseText)});
  }
}

// Deletes leases of dead pods after Refresh has replaced every old pod; when those ended, the
// leases were looked for in Calico's network and not released. While an old pod lives, the leases
// of the dead cannot be distinguished from its own; while flannel's configuration is in force, a
// pod may be about to start.
void drop_stale_leases(HostPlanBuilder& builder) {
  const auto* bridge = find_bridge(builder.state, builder.task);
  const auto* conf = builder.state.conf_in_force();
  const bool none_starts =
      conf != nullptr && (conf->kind == CniKind::Calico || conf->kind == CniKind::Dummy);
  const bool none_lives = bridge == nullptr || ports_of(builder.state, *bridge).empty();
  const auto folder = lease_folder(builder.state, builder.task);
  // Leases that are hidden from upgrade-ipam are checked when they are restored.
  const bool were_hidden = is_canal(builder.state) && folder == canal_leases();
  if (none_starts && none_lives && !were_hidden) drop_leases_in(builder, folder);
}

// Deletes the agent's own leases for pods that are gone. No plugin does it: a pod of Calico's is
// ended by Calico's plugin or, with containerd, by flannel's, which does not know the pod
// (consumeScratchNetConf, flannel-io/cni-plugin).
void free_leases(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  drop_leases_of_the_dead(builder, [](const auto& lease) { return lease.ours; });
}

}  // namespace hostnet
