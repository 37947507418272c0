#include "hostnet/bridge_steps.h"

#include "hostnet/tunnel_steps.h"

#include <algorithm>
#include <utility>

namespace hostnet {
namespace {

bool has_addresses(const HostState& state, const netlink::Link& link) {
  return std::any_of(state.addresses.begin(), state.addresses.end(), [&link](const auto& one) {
    return one.link == link.index && one.scope == netlink::kScopeUniverse;
  });
}

// The MTU that the plugin reads from subnet.env: the one that flannel's device had before.
std::uint32_t bridge_mtu(const HostPlanBuilder& builder) {
  const auto mtu = remembered_mtu(builder, net::Family::V4);
  return mtu != 0 ? mtu : static_cast<std::uint32_t>(std::max(builder.task.mtu, 0));
}

}  // namespace

void refuse_odd_bridge(HostPlanBuilder& builder) {
  const auto problem = bridge_problem(builder.state, builder.task);
  if (!problem.empty()) builder.refuse(problem + ": it is not flannel's and is left alone");
}

void enable_proxy_arp_between_pods(HostPlanBuilder& builder, bool meet) {
  const auto* bridge = find_bridge(builder.state, builder.task);
  if (bridge != nullptr && bridge->proxy_arp != meet)
    builder.add(SetProxyArp{bridge->index, bridge->name, meet});
}

void make_bridge(HostPlanBuilder& builder) {
  const auto name = bridge_name(builder.state);
  const auto* link = builder.state.find_link(name);
  // A bridge without an address is completed: an earlier run was cut off.
  if (link != nullptr && (link->kind != "bridge" || has_addresses(builder.state, *link))) return;
  AddBridge action{name, bridge_mtu(builder), {}};
  for (const auto& tunnel : builder.tunnels) {
    const auto& cidr = tunnel.pod_cidr;
    action.addresses.push_back({0, cidr.address().plus(1), cidr.prefix(), netlink::kScopeUniverse});
  }
  builder.add(std::move(action));
}

}  // namespace hostnet
