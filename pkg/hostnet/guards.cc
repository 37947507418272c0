#include "hostnet/guards.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

namespace hostnet {
namespace {

// calico-node writes down the node's name before anything else.
bool calico_was_here(const HostPlanBuilder& builder) {
  const auto& links = builder.state.links;
  return builder.exists(std::string(kCalicoNodename)) ||
         std::any_of(links.begin(), links.end(), [](const auto& link) {
           return link.name.starts_with("cali") || link.name.ends_with(".calico");
         });
}

}  // namespace

void refuse_unsafe_paths(HostPlanBuilder& builder) {
  if (!builder.state.hostile.empty())
    builder.refuse(fmt::format("{}", fmt::join(builder.state.hostile, "; ")));
}

void wait_for_felix(HostPlanBuilder& builder) {
  // A node where Felix has never run is not waited for: another program may use Felix's port there.
  if (builder.state.felix_alive && (is_canal(builder.state) || calico_was_here(builder)))
    builder.wait_for("waiting for Felix to end");
}

}  // namespace hostnet
