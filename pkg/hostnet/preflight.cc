#include "flannel/subnet_env.h"
#include "hostnet/bridge_steps.h"
#include "hostnet/guards.h"
#include "hostnet/leases.h"
#include "hostnet/operations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

constexpr std::uint64_t kEnoughSpace = 1u << 20;

void note_device(HostPlanBuilder& builder, const Tunnel& tunnel) {
  const auto* link = builder.state.find_link(tunnel.flannel);
  if (link == nullptr) return builder.plan.notes.push_back("there is no device " + tunnel.flannel);
  auto problems = tunnel_problems(builder.state, builder.task, tunnel, *link);
  auto mtu = mtu_problem(builder.task, tunnel, *link);
  if (!mtu.empty()) problems.push_back(std::move(mtu));
  if (!problems.empty())
    builder.plan.notes.push_back(fmt::format("{} {}", link->name, fmt::join(problems, ", ")));
}

void note_leftover(HostPlanBuilder& builder, const Tunnel& tunnel) {
  if (builder.state.find_link(tunnel.calico) != nullptr)
    builder.plan.notes.push_back(tunnel.calico + " is left over from an earlier Calico");
}

bool is_ours(const HostPlanBuilder& builder, const net::Cidr& cidr) {
  const auto& all = builder.task.pod_cidrs;
  return std::find(all.begin(), all.end(), cidr) != all.end();
}

void note_subnet_env(HostPlanBuilder& builder) {
  // Canal's flanneld writes it inside of its container.
  if (!builder.state.subnet_env && is_canal(builder.state)) return;
  if (!builder.state.subnet_env)
    return builder.plan.notes.push_back(fmt::format("there is no {}", kSubnetEnv));
  const auto env = flannel::parse_subnet_env(*builder.state.subnet_env);
  if (!env)
    return builder.plan.notes.push_back(fmt::format("{}: {}", kSubnetEnv, env.error().message));
  for (const auto& subnet : {env->subnet, env->ipv6_subnet}) {
    if (subnet && !is_ours(builder, *subnet))
      builder.plan.notes.push_back(fmt::format("{} names {}, which is no pod CIDR of this node",
                                               kSubnetEnv, subnet->to_string()));
  }
  if (env->mtu && builder.task.mtu > 0 && *env->mtu != builder.task.mtu)
    builder.plan.notes.push_back(
        fmt::format("{} names MTU {}, wanted {}", kSubnetEnv, *env->mtu, builder.task.mtu));
}

void note_confs(HostPlanBuilder& builder) {
  const auto* conf = builder.state.conf_in_force();
  if (conf == nullptr) builder.plan.notes.emplace_back("no CNI configuration is in force");
  if (conf != nullptr && conf->kind != CniKind::Flannel && conf->kind != CniKind::Canal)
    builder.plan.notes.push_back(fmt::format("CNI configuration {} is in force", conf->file));
  for (const auto& one : builder.state.cni) {
    if (is_conf_name(one.file) && one.kind == CniKind::Unreadable)
      builder.plan.notes.push_back(fmt::format("{}: {}", one.file, one.problem));
  }
}

void note_kernel(HostPlanBuilder& builder) {
  const auto& links = builder.state.links;
  const auto is_vxlan = [](const auto& link) { return link.vxlan.has_value(); };
  const bool used = std::any_of(links.begin(), links.end(), is_vxlan);
  if (!used && !builder.state.system.vxlan_loaded)
    builder.plan.notes.emplace_back("the kernel's VXLAN part is not loaded");
  const bool tunnels = std::any_of(links.begin(), links.end(), [&builder](const auto& link) {
    return link.vxlan && link.vxlan->port == builder.task.port;
  });
  if (!tunnels && builder.state.system.udp_port_held)
    builder.plan.notes.push_back(fmt::format("a process has UDP port {}", builder.task.port));
}

void note_space(HostPlanBuilder& builder) {
  for (const auto& [folder, left] : builder.state.system.free_bytes) {
    if (left < kEnoughSpace)
      builder.plan.notes.push_back(fmt::format("{} bytes left in {}", left, folder));
  }
}

std::string list_of(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

void tell_files(HostPlanBuilder& builder) {
  const auto& sockets = builder.state.runtime_sockets;
  std::vector<std::string> confs;
  for (const auto& conf : builder.state.cni) confs.push_back(conf.file);
  const auto& runtime = builder.task.container_runtime;
  builder.plan.facts.push_back(
      "container runtime: " +
      (runtime.empty() ? list_of({sockets.begin(), sockets.end()}) : runtime));
  builder.plan.facts.push_back("CNI files: " + list_of(confs));
}

// For a person; the operator reads the same from subnet.env, which the report has as it is.
void tell_network(HostPlanBuilder& builder) {
  std::vector<std::string> devices;
  for (const auto& link : builder.state.links) {
    if (is_tunnel(link, builder.task))
      devices.push_back(fmt::format("{} MTU {}", link.name, link.mtu));
  }
  builder.plan.facts.push_back("tunnels: " + list_of(devices));
  const auto env = flannel::parse_subnet_env(builder.state.subnet_env.value_or(""));
  if (env && env->ip_masq)
    builder.plan.facts.push_back(fmt::format("masquerade: {}", *env->ip_masq));
}

}  // namespace

// Reads only. What is odd about a device is a note, as such a node can still be drained; what the
// operator may not touch at all is a refusal.
void preflight(HostPlanBuilder& builder) {
  refuse_unsafe_paths(builder);
  refuse_odd_bridge(builder);
  refuse_unknown_leases(builder);
  for (const auto& tunnel : builder.tunnels) {
    note_device(builder, tunnel);
    note_leftover(builder, tunnel);
  }
  note_subnet_env(builder);
  note_confs(builder);
  note_kernel(builder);
  note_space(builder);
  tell_files(builder);
  tell_network(builder);
}

}  // namespace hostnet
