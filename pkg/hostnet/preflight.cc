#include "flannel/subnet_env.h"
#include "hostnet/draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

constexpr std::uint64_t kEnoughSpace = 1u << 20;

void note_device(Draft& draft, const Tunnel& tunnel) {
  const auto* link = draft.state.find_link(tunnel.flannel);
  if (link == nullptr) return draft.plan.notes.push_back("there is no device " + tunnel.flannel);
  auto problems = tunnel_problems(draft.state, draft.task, tunnel, *link);
  auto mtu = mtu_problem(draft.task, tunnel, *link);
  if (!mtu.empty()) problems.push_back(std::move(mtu));
  if (!problems.empty())
    draft.plan.notes.push_back(fmt::format("{} {}", link->name, fmt::join(problems, ", ")));
}

void note_leftover(Draft& draft, const Tunnel& tunnel) {
  if (draft.state.find_link(tunnel.calico) != nullptr)
    draft.plan.notes.push_back(tunnel.calico + " is left over from an earlier Calico");
}

bool is_ours(const Draft& draft, const net::Cidr& cidr) {
  const auto& all = draft.task.pod_cidrs;
  return std::find(all.begin(), all.end(), cidr) != all.end();
}

void note_subnet_env(Draft& draft) {
  // Canal's flanneld writes it inside of its container.
  if (!draft.state.subnet_env && is_canal(draft.state)) return;
  if (!draft.state.subnet_env)
    return draft.plan.notes.push_back(fmt::format("there is no {}", kSubnetEnv));
  const auto env = flannel::parse_subnet_env(*draft.state.subnet_env);
  if (!env)
    return draft.plan.notes.push_back(fmt::format("{}: {}", kSubnetEnv, env.error().message));
  for (const auto& subnet : {env->subnet, env->ipv6_subnet}) {
    if (subnet && !is_ours(draft, *subnet))
      draft.plan.notes.push_back(fmt::format("{} names {}, which is no pod CIDR of this node",
                                             kSubnetEnv, subnet->to_string()));
  }
  if (env->mtu && draft.task.mtu > 0 && *env->mtu != draft.task.mtu)
    draft.plan.notes.push_back(
        fmt::format("{} names MTU {}, wanted {}", kSubnetEnv, *env->mtu, draft.task.mtu));
}

void note_confs(Draft& draft) {
  const auto* conf = draft.state.conf_in_force();
  if (conf == nullptr) draft.plan.notes.emplace_back("no CNI configuration is in force");
  if (conf != nullptr && conf->kind != CniKind::Flannel && conf->kind != CniKind::Canal)
    draft.plan.notes.push_back(fmt::format("CNI configuration {} is in force", conf->file));
  for (const auto& one : draft.state.cni) {
    if (is_conf_name(one.file) && one.kind == CniKind::Unreadable)
      draft.plan.notes.push_back(fmt::format("{}: {}", one.file, one.problem));
  }
}

void note_kernel(Draft& draft) {
  const auto& links = draft.state.links;
  const auto is_vxlan = [](const auto& link) { return link.vxlan.has_value(); };
  const bool used = std::any_of(links.begin(), links.end(), is_vxlan);
  if (!used && !draft.state.system.vxlan_loaded)
    draft.plan.notes.emplace_back("the kernel's VXLAN part is not loaded");
  const bool tunnels = std::any_of(links.begin(), links.end(), [&draft](const auto& link) {
    return link.vxlan && link.vxlan->port == draft.task.port;
  });
  if (!tunnels && draft.state.system.udp_port_held)
    draft.plan.notes.push_back(fmt::format("a process has UDP port {}", draft.task.port));
}

void note_space(Draft& draft) {
  for (const auto& [folder, left] : draft.state.system.free_bytes) {
    if (left < kEnoughSpace)
      draft.plan.notes.push_back(fmt::format("{} bytes left in {}", left, folder));
  }
}

std::string list_of(const std::vector<std::string>& names) {
  return names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "));
}

void tell_files(Draft& draft) {
  const auto& sockets = draft.state.runtime_sockets;
  std::vector<std::string> confs;
  for (const auto& conf : draft.state.cni) confs.push_back(conf.file);
  const auto& runtime = draft.task.container_runtime;
  draft.plan.facts.push_back(
      "container runtime: " +
      (runtime.empty() ? list_of({sockets.begin(), sockets.end()}) : runtime));
  draft.plan.facts.push_back("CNI files: " + list_of(confs));
}

// For a person; the operator reads the same from subnet.env, which the report has as it is.
void tell_network(Draft& draft) {
  std::vector<std::string> devices;
  for (const auto& link : draft.state.links) {
    if (is_tunnel(link, draft.task))
      devices.push_back(fmt::format("{} MTU {}", link.name, link.mtu));
  }
  draft.plan.facts.push_back("tunnels: " + list_of(devices));
  const auto env = flannel::parse_subnet_env(draft.state.subnet_env.value_or(""));
  if (env && env->ip_masq) draft.plan.facts.push_back(fmt::format("masquerade: {}", *env->ip_masq));
}

}  // namespace

// Reads only. What is odd about a device is a note, as such a node can still be drained; what the
// operator may not touch at all is a refusal.
void preflight(Draft& draft) {
  refuse_hostile(draft);
  refuse_odd_bridge(draft);
  refuse_unknown_leases(draft);
  for (const auto& tunnel : draft.tunnels) {
    note_device(draft, tunnel);
    note_leftover(draft, tunnel);
  }
  note_subnet_env(draft);
  note_confs(draft);
  note_kernel(draft);
  note_space(draft);
  tell_files(draft);
  tell_network(draft);
}

}  // namespace hostnet
