#include "hostnet/planner.h"

#include "hostnet/draft.h"

#include <utility>

namespace hostnet {
namespace {

void clean(Draft& draft) {
  if (draft.task.network == api::AgentNetwork::Calico) return clean_calico(draft);
  clean_flannel(draft);
}

void run(Draft& draft) {
  switch (draft.task.operation) {
    case api::AgentOperation::Preflight:
      return preflight(draft);
    case api::AgentOperation::HandOver:
      return hand_over(draft);
    case api::AgentOperation::HandBack:
      return hand_back(draft);
    case api::AgentOperation::CutOver:
      return cut_over(draft);
    case api::AgentOperation::CutBack:
      return cut_back(draft);
    case api::AgentOperation::Verify:
      return verify(draft);
    case api::AgentOperation::Probe:
      return probe(draft);
    case api::AgentOperation::FreeLeases:
      return free_leases(draft);
    case api::AgentOperation::Clean:
      return clean(draft);
    case api::AgentOperation::Finalize:
      return finalize(draft);
  }
}

}  // namespace

HostPlan plan_host(const HostState& state, const api::AgentTask& task) {
  Draft draft(state, task);
  run(draft);
  // A refusal means that nothing was changed, and nothing is done while somebody is waited for.
  if (draft.stopped()) draft.plan.actions.clear();
  return std::move(draft.plan);
}

// Calico's IPAM has the tunnel's address already, under the tunnel's own handle.
std::set<net::IpAddress> live_addresses(const HostState& state, const api::AgentTask& task) {
  auto all = flannel_pods(state, task);
  all.merge(bridge_addresses(state, task));
  for (const auto& tunnel : tunnels_of(task)) all.erase(tunnel.pod_cidr.address());
  return all;
}

}  // namespace hostnet
