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

class Draft {
 public:
  Draft(const HostState& observed, const api::AgentTask& wanted)
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
void refuse_hostile(Draft& draft);
void refuse_odd_bridge(Draft& draft);
void wait_for_felix(Draft& draft);
// What an earlier run had set down for a new name. True when there was something to do.
bool lay_again(Draft& draft);
// What is remembered from now on.
Memory remember_devices(Draft& draft);
void forget_devices(Draft& draft);
// flannel's IPv4 device, where it is larger than the cluster's MTU; and back to what it was.
void lower_mtu(Draft& draft);
void give_mtu_back(Draft& draft);
// What is given back then still differs from what is there.
bool has_other_mtu(const Draft& draft);

void put_dummy_conf(Draft& draft);
void move_calico_conf_away(Draft& draft);
// Where flannel's configuration went with the end of a migration, the runtime has one all the same.
void hold_for_flannel_conf(Draft& draft);
void disarm_upgrade_ipam(Draft& draft);
void arm_canal_again(Draft& draft);
// For Calico's pods, which live on while flannel starts others, and for what the bridge has itself.
void write_leases(Draft& draft);
// Where flannel's pods and their addresses are not known.
void refuse_unknown_leases(Draft& draft);
void drop_stale_leases(Draft& draft);
void rename_port_maps(Draft& draft, std::string_view network);
// Pods of flannel's bridge take every address of the pod CIDR for one on their link, where Calico's
// pods have no port: while there may be both, the host answers for them. IPv4 only: for IPv6 the
// kernel is told by sysctl alone, which an agent pod may not write.
void let_pods_meet(Draft& draft, bool meet);
// In time for that: the plugin makes the bridge with the first pod only.
void make_bridge(Draft& draft);

void drop_felix_blackholes(Draft& draft);
void drop_hand_over_routes(Draft& draft);
// Routes to single blocks, where flannel's own routes say the same of whole pod CIDRs.
void drop_peer_routes(Draft& draft);
void delete_flannel_tunnels(Draft& draft);
void delete_calico_tunnels(Draft& draft);
void cut_filters(Draft& draft, const std::vector<netlink::FilterCut>& cuts);

// --- one operation each ---
void preflight(Draft& draft);
void hand_over(Draft& draft);
void hand_back(Draft& draft);
void cut_over(Draft& draft);
void cut_back(Draft& draft);
void verify(Draft& draft);
void probe(Draft& draft);
void free_leases(Draft& draft);
void clean_flannel(Draft& draft);
void clean_calico(Draft& draft);
void finalize(Draft& draft);

}  // namespace hostnet
