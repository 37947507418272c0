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
  // True if nothing more may be planned now.
  bool stopped() const { return plan.refusal || !plan.waiting.empty(); }

  std::string in_cni(std::string_view file) const { return join(task.cni_config_dir, file); }
  bool exists(const std::string& path) const { return state.paths.contains(path); }
  void remove_if_there(const std::string& path) {
    if (exists(path)) add(RemovePath{path});
  }
};

}  // namespace hostnet
