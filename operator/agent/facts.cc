#include "agent/facts.h"

#include "agent/listening.h"
#include "hostnet/paths.h"
#include "hostnet/planner.h"
#include "hostnet/tunnel.h"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <algorithm>
#include <initializer_list>
#include <sstream>

namespace agent {
namespace {

constexpr std::uint64_t kEnoughSpace = 1u << 20;
constexpr std::size_t kMaxKeys = 32;
constexpr std::size_t kMaxValue = 128;

bool has_tunnel(const hostnet::HostState& state, const api::AgentTask& task) {
  return std::any_of(state.links.begin(), state.links.end(), [&task](const auto& link) {
    return link.vxlan && link.vxlan->port == task.port;
  });
}

void note_space(const HostFiles& files, const std::string& folder,
                std::vector<std::string>& notes) {
  struct statvfs about {};
  if (statvfs(files.full_path(folder).c_str(), &about) != 0) return;
  const std::uint64_t left = std::uint64_t{about.f_bavail} * about.f_frsize;
  if (left < kEnoughSpace) notes.push_back(fmt::format("{} bytes left in {}", left, folder));
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

void add_notes(const Options& options, const HostFiles& files, const hostnet::HostState& state,
               std::vector<std::string>& notes) {
  const auto port = static_cast<std::uint16_t>(options.task.port);
  if (!has_tunnel(state, options.task) && udp_taken(port))
    notes.push_back(fmt::format("a process has UDP port {}", port));
  for (const auto& folder : {options.task.cni_config_dir, std::string("/run/flannel")})
    note_space(files, folder, notes);
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
