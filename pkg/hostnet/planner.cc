#include "hostnet/planner.h"

#include "hostnet/operations.h"

#include <utility>

namespace hostnet {
namespace {

void clean(HostPlanBuilder& builder) {
  if (builder.task.network == api::AgentNetwork::Calico) return clean_calico(builder);
  clean_flannel(builder);
}

void run(HostPlanBuilder& builder) {
  switch (builder.task.operation) {
    case api::AgentOperation::Preflight:
      return preflight(builder);
    case api::AgentOperation::HandOver:
      return hand_over(builder);
    case api::AgentOperation::HandBack:
      return hand_back(builder);
    case api::AgentOperation::CutOver:
      return cut_over(builder);
    case api::AgentOperation::CutBack:
      return cut_back(builder);
    case api::AgentOperation::Verify:
      return verify(builder);
    case api::AgentOperation::Probe:
      return probe(builder);
    case api::AgentOperation::FreeLeases:
      return free_leases(builder);
    case api::AgentOperation::Clean:
      return clean(builder);
    case api::AgentOperation::Finalize:
      return finalize(builder);
  }
}

}  // namespace

HostPlan plan_host(const HostState& state, const api::AgentTask& task) {
  HostPlanBuilder builder(state, task);
  run(builder);
  // A refusal means that nothing was changed, and a plan that waits for another program changes
  // nothing either.
  if (builder.stopped()) builder.plan.actions.clear();
  return std::move(builder.plan);
}

// Calico's IPAM has the tunnel's address already, under the tunnel's own handle.
std::set<net::IpAddress> live_addresses(const HostState& state, const api::AgentTask& task) {
  auto all = flannel_pods(state, task);
  all.merge(bridge_addresses(state, task));
  for (const auto& tunnel : tunnels_of(task)) all.erase(tunnel.pod_cidr.address());
  return all;
}

}  // namespace hostnet
