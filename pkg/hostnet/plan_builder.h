// The plan while it is made; only for the files of this folder.
#pragma once

#include "hostnet/bridge.h"
#include "hostnet/lease_place.h"
#include "hostnet/paths.h"
#include "hostnet/plan.h"
#include "hostnet/tunnel.h"

#include <string>
#include <utility>

namespace hostnet {

// Marks the routes that keep live pods of the bridge reachable, so that they are found again. Not
// one of the numbers in iproute2's rt_protos.
inline constexpr std::uint8_t kProtocolHandOver = 144;

class HostPlanBuilder {
 public:
  HostPlanBuilder(const HostState& observed, const api::AgentTask& wanted)
      : state(observed), task(wanted), tunnels(tunnels_of(wanted)) {}

  const HostState& state;
  const api::AgentTask& task;
  const std::vector<Tunnel> tunnels;
  HostPlan plan;

  template <typename A>
  void add(A action) {
    plan.actions.emplace_back(std::move(action));
  }
  void wait_for(std::string what) {
    if (plan.waiting.empty()) plan.waiting = std::move(what);
  }
  void refuse(std::string message, std::string_view reason = {}) {
    if (!plan.refusal) plan.refusal = Refusal{std::string(reason), std::move(message)};
  }
  // Nothing more may be planned now.
  bool stopped() const { return plan.refusal || !plan.waiting.empty(); }

  std::string in_cni(std::string_view file) const { return join(task.cni_config_dir, file); }
  bool exists(const std::string& path) const { return state.paths.contains(path); }
  void remove_if_there(const std::string& path) {
    if (exists(path)) add(RemovePath{path});
  }
};

// --- parts that several operations share; each looks first and plans only what is missing ---

// Files that nobody should have put there, an odd device under the bridge's name.
void refuse_unsafe_paths(HostPlanBuilder& builder);
void refuse_odd_bridge(HostPlanBuilder& builder);
void wait_for_felix(HostPlanBuilder& builder);
// What an earlier run had set down for a new name. True when there was something to do.
bool restore_device_state(HostPlanBuilder& builder);
// What is remembered from now on.
SavedDevices remember_devices(HostPlanBuilder& builder);
void forget_devices(HostPlanBuilder& builder);
// flannel's IPv4 device, where it is larger than the cluster's MTU; and back to what it was.
void lower_mtu(HostPlanBuilder& builder);
void give_mtu_back(HostPlanBuilder& builder);
// What is given back then still differs from what is there.
bool has_other_mtu(const HostPlanBuilder& builder);

void block_pod_starts(HostPlanBuilder& builder);
void move_calico_conf_away(HostPlanBuilder& builder);
// Where flannel's configuration went with the end of a migration, the runtime has one all the same.
void write_placeholder_conf(HostPlanBuilder& builder);
void hide_host_local_leases(HostPlanBuilder& builder);
void restore_host_local_leases(HostPlanBuilder& builder);
// For Calico's pods, which live on while flannel starts others, and for what the bridge has itself.
void write_leases(HostPlanBuilder& builder);
// Where flannel's pods and their addresses are not known.
void refuse_unknown_leases(HostPlanBuilder& builder);
void drop_stale_leases(HostPlanBuilder& builder);
void rename_port_maps(HostPlanBuilder& builder, std::string_view network);
// Pods of flannel's bridge take every address of the pod CIDR for one on their link, where Calico's
// pods have no port: while there may be both, the host answers for them. IPv4 only: for IPv6 the
// kernel is told by sysctl alone, which an agent pod may not write.
void enable_proxy_arp_between_pods(HostPlanBuilder& builder, bool meet);
// In time for that: the plugin makes the bridge with the first pod only.
void make_bridge(HostPlanBuilder& builder);

void drop_felix_blackholes(HostPlanBuilder& builder);
void drop_hand_over_routes(HostPlanBuilder& builder);
// Routes to single blocks, where flannel's own routes say the same of whole pod CIDRs.
void drop_peer_routes(HostPlanBuilder& builder);
void delete_flannel_tunnels(HostPlanBuilder& builder);
void delete_calico_tunnels(HostPlanBuilder& builder);
void cut_filters(HostPlanBuilder& builder, const std::vector<netlink::FilterCut>& cuts);

// --- one operation each ---
void preflight(HostPlanBuilder& builder);
void hand_over(HostPlanBuilder& builder);
void hand_back(HostPlanBuilder& builder);
void cut_over(HostPlanBuilder& builder);
void cut_back(HostPlanBuilder& builder);
void verify(HostPlanBuilder& builder);
void probe(HostPlanBuilder& builder);
void free_leases(HostPlanBuilder& builder);
void clean_flannel(HostPlanBuilder& builder);
void clean_calico(HostPlanBuilder& builder);
void finalize(HostPlanBuilder& builder);

}  // namespace hostnet
