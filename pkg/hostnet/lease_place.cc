#include "hostnet/lease_place.h"

#include "hostnet/bridge.h"
#include "hostnet/paths.h"

#include <fmt/format.h>

#include <algorithm>

namespace hostnet {
namespace {

// One spelling for one folder. What leads upwards stays, and is mounted nowhere.
std::string tidy(std::string_view folder) {
  std::string path;
  while (!folder.empty()) {
    const auto part = folder.substr(0, folder.find('/'));
    folder.remove_prefix(std::min(part.size() + 1, folder.size()));
    if (!part.empty() && part != ".") path.append("/").append(part);
  }
  return path;
}

}  // namespace

std::string lease_root(const HostState& state, const api::AgentTask& task) {
  const auto* conf = state.flannel_conf();
  const auto& named = conf != nullptr ? conf->lease_folder : task.lease_folder;
  if (named.empty()) return std::string(kLeases);
  return named.starts_with('/') ? tidy(named) : named;
}

std::string lease_folder(const HostState& state, const api::AgentTask& task) {
  return join(lease_root(state, task), flannel_network(state, task));
}

bool is_mounted(std::string_view folder) {
  const bool within = folder == kCniState || folder.starts_with(std::string(kCniState) + "/");
  return within && (std::string(folder) + "/").find("/../") == std::string::npos;
}

std::string lease_problem(const HostState& state, const api::AgentTask& task) {
  const auto* conf = state.flannel_conf();
  const auto file = conf != nullptr ? conf->file : std::string("flannel's CNI configuration");
  if (conf != nullptr && !conf->unsupported.empty())
    return fmt::format("{} {}", file, conf->unsupported);
  const auto root = lease_root(state, task);
  if (is_mounted(root)) return {};
  return fmt::format("{} keeps its leases in {}, wanted a folder below {}", file, root, kCniState);
}

}  // namespace hostnet
