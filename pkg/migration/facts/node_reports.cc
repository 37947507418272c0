#include "migration/facts/node_reports.h"

#include "api/names.h"

#include <algorithm>

namespace migration {
namespace {

bool tells_settings(const api::Pod& pod) {
  const auto* operation = pod.meta.label(api::kOperationLabel);
  return operation != nullptr && pod.finished() &&
         (*operation == api::to_string(api::AgentOperation::Preflight) ||
          *operation == api::to_string(api::AgentOperation::HandOver));
}

std::optional<int> believed(const std::optional<int>& mtu) {
  return mtu && *mtu >= kLeastTunnelMtu ? mtu : std::nullopt;
}

// subnet.env and device of one node.
struct Seen {
  std::optional<flannel::SubnetEnv> env;
  std::optional<int> device_mtu;

  std::optional<int> smallest() const {
    const auto env_mtu = env ? env->mtu : std::nullopt;
    if (env_mtu && device_mtu) return std::min(*env_mtu, *device_mtu);
    return env_mtu ? env_mtu : device_mtu;
  }
};

Seen read(const api::AgentReport& report) {
  Seen seen;
  seen.device_mtu = believed(report.tunnel_mtu);
  auto env = flannel::parse_subnet_env(report.subnet_env);
  if (env && believed(env->mtu)) seen.env = *env;
  return seen;
}

}  // namespace

void read_reports(const ClusterState& cluster, SettingSources& sources) {
  std::optional<int> smallest;
  for (const auto& [name, state] : cluster.nodes) {
    for (const auto& [pod_name, pod] : state.agents) {
      if (!tells_settings(pod)) continue;
      const auto report = api::parse_agent_report(pod.termination_message);
      if (!report || report->node != name) continue;
      const Seen seen = read(*report);
      const auto mtu = seen.smallest();
      if (!mtu || (smallest && *smallest <= *mtu)) continue;
      smallest = mtu;
      sources.subnet_env = seen.env;
      sources.subnet_env_source = "subnet.env on node " + name;
      sources.tunnel_mtu = seen.device_mtu;
      sources.tunnel_mtu_source = "flannel's device on node " + name;
    }
  }
}

}  // namespace migration
