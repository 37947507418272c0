#include "hostnet/lease_place.h"

#include "flannel/cni_plugin.h"
#include "hostnet/bridge.h"
#include "hostnet/paths.h"

#include <fmt/format.h>

namespace hostnet {

std::string lease_root(const HostState& state, const api::AgentTask& task) {
  const auto* conf = state.flannel_conf();
  const auto& named = conf != nullptr ? conf->lease_folder : task.lease_folder;
  if (named.empty()) return std::string(kLeases);
  return named.starts_with('/') ? flannel::tidy_folder(named) : named;
}

std::string lease_folder(const HostState& state, const api::AgentTask& task) {
  return join(lease_root(state, task), flannel_network(state, task));
}

std::string lease_problem(const HostState& state, const api::AgentTask& task) {
  const auto* conf = state.flannel_conf();
  const auto file = conf != nullptr ? conf->file : std::string("flannel's CNI configuration");
  if (conf != nullptr && !conf->unsupported.empty())
    return fmt::format("{} {}", file, conf->unsupported);
  const auto root = lease_root(state, task);
  if (flannel::is_mounted(root)) return {};
  return fmt::format("{} keeps its leases in {}, wanted a folder below {}", file, root,
                     flannel::kCniState);
}

}  // namespace hostnet
