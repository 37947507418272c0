#include "agent/facts.h"

#include "agent/listening.h"
#include "hostnet/paths.h"
#include "hostnet/planner.h"
#include "hostnet/tunnel.h"

#include <sys/statvfs.h>
#include <unistd.h>

#include <initializer_list>
#include <sstream>

namespace agent {
namespace {

constexpr std::size_t kMaxKeys = 32;
constexpr std::size_t kMaxValue = 128;

void read_space(const HostFiles& files, const std::string& folder,
                std::map<std::string, std::uint64_t>& free_bytes) {
  struct statvfs about {};
  if (statvfs(files.full_path(folder).c_str(), &about) != 0) return;
  free_bytes[folder] = std::uint64_t{about.f_bavail} * about.f_frsize;
}

}  // namespace

json::StringMap subnet_env_of(const hostnet::HostState& state) {
  json::StringMap values;
  std::istringstream lines(state.subnet_env.value_or(""));
  for (std::string line; std::getline(lines, line) && values.size() < kMaxKeys;) {
    const auto equals = line.find('=');
    if (!line.starts_with("FLANNEL_") || equals == std::string::npos) continue;
    auto value = line.substr(equals + 1, kMaxValue);
    if (value.ends_with('\r')) value.pop_back();
    values.emplace(line.substr(0, equals), value);
  }
  return values;
}

hostnet::System read_system(const api::AgentTask& task, const HostFiles& files) {
  hostnet::System system;
  // The folder exists also where VXLAN is built into the kernel, as it has parameters.
  system.vxlan_loaded = access("/sys/module/vxlan", F_OK) == 0;
  system.udp_port_held = udp_taken(static_cast<std::uint16_t>(task.port));
  for (const auto& folder : {task.cni_config_dir, std::string("/run/flannel"),
                             std::string("/var/lib/cni"), std::string("/var/lib/calico")})
    read_space(files, folder, system.free_bytes);
  return system;
}

std::vector<ProbeTarget> targets_of(const hostnet::HostState& state, const api::AgentTask& task) {
  const bool calico = hostnet::network_to_verify(state, task) == api::AgentNetwork::Calico;
  std::vector<ProbeTarget> targets;
  for (const auto& tunnel : hostnet::tunnels_of(task)) {
    const auto* link = state.find_link(calico ? tunnel.calico : tunnel.flannel);
    if (link == nullptr) continue;
    for (const auto& peer : task.peers) {
      if (peer.vtep.family() == tunnel.family)
        targets.push_back({peer.node, peer.vtep, link->name, link->mtu});
    }
  }
  return targets;
}

}  // namespace agent
