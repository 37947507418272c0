#include "hostnet/tunnel.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace hostnet {
namespace {

constexpr std::uint8_t kProtocolKernel = 2;

// The routes of a large cluster are tens of thousands: no search through all of them for each.
template <typename T>
void copy_missing(const std::vector<T>& wanted, const std::vector<T>& there, std::vector<T>& out) {
  const std::set<T> known(there.begin(), there.end());
  std::copy_if(wanted.begin(), wanted.end(), std::back_inserter(out),
               [&known](const T& one) { return !known.contains(one); });
}

bool is_link_local(const net::IpAddress& address) {
  static const net::Cidr kLinkLocal = net::Cidr::parse("fe80::/10").value();
  return kLinkLocal.contains(address);
}

bool is_multicast(const net::Cidr& cidr) {
  return cidr.family() == net::Family::V6 && cidr.address().bytes()[0] == 0xff;
}

bool is_described(const Tunnel& tunnel) { return !tunnel.mac.empty() || !tunnel.public_ip.empty(); }

std::string text_of(const std::optional<net::IpAddress>& address) {
  return address ? address->to_string() : "none";
}

// The device is an outer one: its source address belongs to the parent.
void check_outer(const HostState& state, const Tunnel& tunnel, const netlink::Vxlan& vxlan,
                 std::vector<std::string>& problems) {
  const auto wanted = net::IpAddress::parse(tunnel.public_ip);
  if (!wanted) return;
  if (vxlan.local != *wanted)
    problems.push_back(
        fmt::format("sends from {}, wanted {}", text_of(vxlan.local), tunnel.public_ip));
  if (vxlan.parent == 0) return problems.push_back("has no parent device");
  if (!state.has_address(vxlan.parent, *wanted))
    problems.push_back(fmt::format("hangs on a device without {}", tunnel.public_ip));
}

void check_modes(const netlink::Vxlan& vxlan, std::vector<std::string>& problems) {
  if (vxlan.gbp) problems.emplace_back("has GBP on");
  if (vxlan.learning) problems.emplace_back("has learning on");
  if (vxlan.external) problems.emplace_back("takes its tunnels from metadata");
  if (vxlan.remote) problems.push_back("has the default destination " + text_of(vxlan.remote));
}

}  // namespace

std::vector<Tunnel> tunnels_of(const api::AgentTask& task) {
  std::vector<Tunnel> tunnels;
  for (const auto& cidr : task.pod_cidrs) {
    if (cidr.family() == net::Family::V4) {
      tunnels.push_back({net::Family::V4, cidr, fmt::format("flannel.{}", task.vni), "vxlan.calico",
                         task.vtep_mac, task.public_ip});
    } else {
      tunnels.push_back({net::Family::V6, cidr, fmt::format("flannel-v6.{}", task.vni),
                         "vxlan-v6.calico", task.vtep_mac_v6, task.public_ip_v6});
    }
  }
  if (std::any_of(tunnels.begin(), tunnels.end(), is_described))
    std::erase_if(tunnels, [](const auto& tunnel) { return !is_described(tunnel); });
  return tunnels;
}

bool is_tunnel(const netlink::Link& link, const api::AgentTask& task) {
  return link.vxlan && link.vxlan->vni == static_cast<std::uint32_t>(task.vni);
}

const netlink::Link* find_tunnel(const HostState& state, const api::AgentTask& task,
                                 std::string_view name) {
  const auto* link = state.find_link(name);
  return link != nullptr && is_tunnel(*link, task) ? link : nullptr;
}

std::vector<std::string> tunnel_problems(const HostState& state, const api::AgentTask& task,
                                         const Tunnel& tunnel, const netlink::Link& link) {
  if (!link.vxlan)
    return {fmt::format("is of kind '{}', wanted vxlan", link.kind.empty() ? "device" : link.kind)};
  std::vector<std::string> problems;
  const netlink::Vxlan& vxlan = *link.vxlan;
  if (!is_tunnel(link, task))
    problems.push_back(fmt::format("has VNI {}, wanted {}", vxlan.vni, task.vni));
  if (vxlan.port != task.port)
    problems.push_back(fmt::format("has port {}, wanted {}", vxlan.port, task.port));
  const auto mac = net::MacAddress::parse(tunnel.mac);
  if (mac && link.mac != *mac)
    problems.push_back(fmt::format("has MAC {}, wanted {}",
                                   link.mac ? link.mac->to_string() : "none", mac->to_string()));
  if (!state.has_address(link.index, tunnel.pod_cidr.address()))
    problems.push_back("does not have address " + tunnel.pod_cidr.address().to_string());
  check_modes(vxlan, problems);
  check_outer(state, tunnel, vxlan, problems);
  return problems;
}

// flannel's IPv6 device has an MTU of its own, which no setting names.
std::string mtu_problem(const api::AgentTask& task, const Tunnel& tunnel,
                        const netlink::Link& link) {
  if (task.mtu <= 0 || tunnel.family != net::Family::V4) return {};
  if (link.mtu == static_cast<std::uint32_t>(task.mtu)) return {};
  return fmt::format("has MTU {}, wanted {}", link.mtu, task.mtu);
}

bool is_too_large(const api::AgentTask& task, const Tunnel& tunnel, const netlink::Link& link) {
  return !mtu_problem(task, tunnel, link).empty() &&
         link.mtu > static_cast<std::uint32_t>(task.mtu);
}

std::optional<int> tunnel_mtu(const HostState& state, const api::AgentTask& task) {
  for (const auto& tunnel : tunnels_of(task)) {
    const auto* link = find_tunnel(state, task, tunnel.flannel);
    if (tunnel.family == net::Family::V4 && link != nullptr) return static_cast<int>(link->mtu);
  }
  return std::nullopt;
}

DeviceState device_state_of(const HostState& state, std::uint32_t link) {
  const auto on_it = [link](const auto& one) { return one.link == link; };
  DeviceState device_state;
  std::copy_if(state.addresses.begin(), state.addresses.end(),
               std::back_inserter(device_state.addresses),
               [&](const auto& one) { return on_it(one) && !is_link_local(one.address); });
  std::copy_if(state.routes.begin(), state.routes.end(), std::back_inserter(device_state.routes),
               [&](const auto& one) {
                 return on_it(one) && one.type == netlink::RouteType::Unicast &&
                        one.table == netlink::kMainTable && one.protocol != kProtocolKernel &&
                        !is_multicast(one.destination);
               });
  std::copy_if(
      state.neighbours.begin(), state.neighbours.end(), std::back_inserter(device_state.neighbours),
      [&](const auto& one) { return on_it(one) && one.state == netlink::kNeighbourPermanent; });
  std::copy_if(state.fdb.begin(), state.fdb.end(), std::back_inserter(device_state.fdb),
               [&](const auto& one) {
                 return on_it(one) && one.remote && one.state == netlink::kNeighbourPermanent;
               });
  return device_state;
}

DeviceState missing(const DeviceState& wanted, const HostState& state) {
  DeviceState result;
  copy_missing(wanted.addresses, state.addresses, result.addresses);
  copy_missing(wanted.routes, state.routes, result.routes);
  copy_missing(wanted.neighbours, state.neighbours, result.neighbours);
  copy_missing(wanted.fdb, state.fdb, result.fdb);
  return result;
}

}  // namespace hostnet
