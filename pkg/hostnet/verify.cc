#include "hostnet/lookups.h"
#include "hostnet/operations.h"
#include "hostnet/planner.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

std::string conf_problem(const HostState& state, api::AgentNetwork network) {
  const auto* conf = state.network_conf();
  if (conf == nullptr) return "no CNI configuration of flannel or Calico is in force";
  const bool flannels = conf->kind == CniKind::Flannel || conf->kind == CniKind::Canal;
  const bool calicos = conf->kind == CniKind::Calico;
  if (network == api::AgentNetwork::Calico ? calicos : flannels) return {};
  return fmt::format("CNI configuration {} is in force", conf->file);
}

// Felix and flanneld recreate a device that they cannot use: it has another index then, and all
// settings of the old one are lost.
std::string index_problem(const HostState& state, const Tunnel& tunnel, const netlink::Link& link) {
  const auto found = state.memory.devices.find(tunnel.family);
  if (found == state.memory.devices.end() || found->second.index == link.index) return {};
  return fmt::format("is not the device that was handed over (index {}, wanted {})", link.index,
                     found->second.index);
}

std::string common_problem(const netlink::Link& link) { return link.up ? "" : "is down"; }

// Requires exactly the device that was handed over: peers of both kinds rely on it.
std::vector<std::string> calico_problems(const HostPlanBuilder& builder, const Tunnel& tunnel,
                                         const netlink::Link& link) {
  auto problems = tunnel_problems(builder.state, builder.task, tunnel, link);
  for (auto problem : {mtu_problem(builder.task, tunnel, link),
                       index_problem(builder.state, tunnel, link), common_problem(link)}) {
    if (!problem.empty()) problems.push_back(std::move(problem));
  }
  return problems;
}

// flanneld recreates a device that it cannot use, and configures it then: other settings are not
// checked.
std::vector<std::string> flannel_problems(const HostPlanBuilder& builder, const Tunnel& tunnel,
                                          const netlink::Link& link) {
  std::vector<std::string> problems;
  if (!is_tunnel(link, builder.task)) problems.emplace_back("is no VXLAN device with this VNI");
  if (!builder.state.has_address(link.index, tunnel.pod_cidr.address()))
    problems.push_back("does not have address " + tunnel.pod_cidr.address().to_string());
  if (auto problem = common_problem(link); !problem.empty()) problems.push_back(problem);
  return problems;
}

void verify_tunnel(HostPlanBuilder& builder, const Tunnel& tunnel, api::AgentNetwork network) {
  const bool calico = network == api::AgentNetwork::Calico;
  const auto& wanted = calico ? tunnel.calico : tunnel.flannel;
  const auto& other = calico ? tunnel.flannel : tunnel.calico;
  if (builder.state.find_link(other) != nullptr) builder.wait_for(other + " is there");
  const auto* link = builder.state.find_link(wanted);
  if (link == nullptr) return builder.wait_for("there is no device " + wanted);
  const auto problems =
      calico ? calico_problems(builder, tunnel, *link) : flannel_problems(builder, tunnel, *link);
  if (!problems.empty()) builder.wait_for(fmt::format("{} {}", wanted, fmt::join(problems, ", ")));
}

}  // namespace

api::AgentNetwork network_to_verify(const HostState& state, const api::AgentTask& task) {
  if (task.network) return *task.network;
  for (const auto& tunnel : tunnels_of(task)) {
    if (state.find_link(tunnel.flannel) != nullptr) return api::AgentNetwork::Flannel;
  }
  return api::AgentNetwork::Calico;
}

// Requires only a device to ask through, of each family that is asked about.
void probe(HostPlanBuilder& builder) {
  const bool calico = network_to_verify(builder.state, builder.task) == api::AgentNetwork::Calico;
  for (const auto& tunnel : builder.tunnels) {
    const auto& device = calico ? tunnel.calico : tunnel.flannel;
    const bool asked =
        std::any_of(builder.task.peers.begin(), builder.task.peers.end(),
                    [&tunnel](const auto& peer) { return peer.vtep.family() == tunnel.family; });
    if (asked && builder.state.find_link(device) == nullptr)
      builder.wait_for("there is no device " + device);
  }
}

void verify(HostPlanBuilder& builder) {
  const auto network = network_to_verify(builder.state, builder.task);
  for (const auto& tunnel : builder.tunnels) verify_tunnel(builder, tunnel, network);
  const auto problem = conf_problem(builder.state, network);
  if (!problem.empty()) builder.wait_for(problem);
  if (network == api::AgentNetwork::Calico) return;
  const auto dead = dead_blocks(builder.state, builder.task);
  if (!dead.empty())
    builder.wait_for(fmt::format("packets to pods in {} are dropped", fmt::join(dead, ", ")));
}

}  // namespace hostnet
