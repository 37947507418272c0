#include "flannel/subnet_env.h"
#include "hostnet/draft.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace hostnet {
namespace {

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

}  // namespace

// Reads only. What is odd about a device is a note, as such a node can still be drained; what the
// operator may not touch at all is a refusal.
void preflight(Draft& draft) {
  refuse_hostile(draft);
  refuse_odd_bridge(draft);
  for (const auto& tunnel : draft.tunnels) {
    note_device(draft, tunnel);
    note_leftover(draft, tunnel);
  }
  note_subnet_env(draft);
  note_confs(draft);
}

}  // namespace hostnet
