#include "hostnet/filter_steps.h"

#include "hostnet/port_maps.h"

#include <algorithm>
#include <utility>

namespace hostnet {
namespace {

// The Node's containerRuntimeVersion decides. Sockets on the node are looked at only without it:
// any pod of the host's network can listen under such a name.
bool is_cri_o(const HostPlanBuilder& builder) {
  if (!builder.task.container_runtime.empty())
    return builder.task.container_runtime.starts_with("cri-o:");
  const auto& sockets = builder.state.runtime_sockets;
  return std::any_of(sockets.begin(), sockets.end(),
                     [](const auto& path) { return path.ends_with("/crio.sock"); });
}

}  // namespace

// CRI-O remembers with which configuration it started a pod, and asks with that one.
void rename_port_maps(HostPlanBuilder& builder, std::string_view network) {
  if (is_cri_o(builder)) return;
  for (auto& rename : port_map_renames(builder.state.filters, network))
    builder.add(RenameChains{std::move(rename)});
}

void cut_filters(HostPlanBuilder& builder, const std::vector<netlink::FilterCut>& cuts) {
  for (const auto& cut : cuts) builder.add(CutFilter{cut});
}

}  // namespace hostnet
