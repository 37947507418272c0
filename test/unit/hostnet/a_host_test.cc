#include "unit/hostnet/a_host.h"

#include "base/overloaded.h"
#include "hostnet/filters.h"
#include "hostnet/route_steps.h"
#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

#include <algorithm>

namespace a_host {

using hostnet::CniKind;
using hostnet::HostState;
using parsed::cidr;
using parsed::ip;
using parsed::mac;

namespace {

netlink::Link device(std::uint32_t index, const std::string& name, const std::string& kind) {
  netlink::Link link;
  link.index = index;
  link.name = name;
  link.kind = kind;
  link.up = true;
  link.mtu = 1450;
  return link;
}

netlink::Link tunnel(std::uint32_t index, const std::string& name, const std::string& own_mac,
                     const std::string& local) {
  auto link = device(index, name, "vxlan");
  link.mac = mac(own_mac);
  link.mac_is_set = true;
  link.vxlan = netlink::Vxlan{1, 8472, kEth0, ip(local), {}, false, false, false};
  return link;
}

template <typename T>
void drop(std::vector<T>& list, const T& one) {
  list.erase(std::remove(list.begin(), list.end(), one), list.end());
}

template <typename T>
void put(std::vector<T>& list, const T& one) {
  drop(list, one);
  list.push_back(one);
}

std::string folder_of(const std::string& path) { return path.substr(0, path.rfind('/')); }

std::string name_in(const std::string& path, std::string_view folder) {
  return path.starts_with(std::string(folder) + "/") ? path.substr(folder.size() + 1)
                                                     : std::string();
}

void set_conf(HostState& host, const std::string& file, CniKind kind) {
  std::erase_if(host.cni, [&file](const auto& one) { return one.file == file; });
  host.cni.push_back(conf(file, kind));
  std::sort(host.cni.begin(), host.cni.end(),
            [](const auto& a, const auto& b) { return a.file < b.file; });
}

void write(HostState& host, const hostnet::WriteFile& action) {
  host.paths.insert(action.path);
  if (action.path == hostnet::kSavedDevicesFile)
    host.memory = hostnet::parse_saved_devices(action.text).value();
  const auto lease = net::IpAddress::parse(action.path.substr(action.path.rfind('/') + 1));
  if (!lease) return;
  host.lease_folders.insert(folder_of(action.path));
  std::erase_if(host.leases,
                [&action](const auto& one) { return hostnet::path_of(one) == action.path; });
  host.leases.push_back({folder_of(action.path), *lease, true});
}

void remove(HostState& host, const std::string& path) {
  host.paths.erase(path);
  const auto file = name_in(path, "/etc/cni/net.d");
  std::erase_if(host.cni, [&file](const auto& one) { return one.file == file; });
  host.lease_folders.erase(path);
  std::erase_if(host.leases, [&path](const auto& one) {
    return one.folder == path || hostnet::path_of(one) == path;
  });
  if (path == hostnet::kSavedDevicesFile) host.memory = {};
}

void move(HostState& host, const hostnet::MovePath& action) {
  const bool has_leases = host.lease_folders.contains(action.from);
  for (auto& lease : host.leases) {
    if (lease.folder == action.from) lease.folder = action.to;
  }
  remove(host, action.from);
  host.paths.insert(action.to);
  if (has_leases) host.lease_folders.insert(action.to);
}

void rename(HostState& host, const hostnet::RenameLink& action) {
  auto* renamed = link(host, action.from);
  renamed->name = action.to;
  renamed->mac_is_set = renamed->mac_is_set || action.mac.has_value();
}

void delete_link(HostState& host, std::uint32_t index) {
  const auto on_it = [index](const auto& one) { return one.link == index; };
  std::erase_if(host.links, [index](const auto& one) { return one.index == index; });
  std::erase_if(host.routes, on_it);
  std::erase_if(host.addresses, on_it);
  std::erase_if(host.neighbours, on_it);
  std::erase_if(host.fdb, on_it);
}

void restore(HostState& host, const hostnet::DeviceState& device_state) {
  for (const auto& one : device_state.addresses) put(host.addresses, one);
  for (const auto& one : device_state.routes) put(host.routes, one);
  for (const auto& one : device_state.neighbours) put(host.neighbours, one);
  for (const auto& one : device_state.fdb) put(host.fdb, one);
}

// The kernel keeps one to a destination.
void replace(HostState& host, const std::vector<netlink::Route>& routes) {
  for (const auto& route : routes) {
    std::erase_if(host.routes, [&route](const auto& one) {
      return one.destination == route.destination && one.table == route.table &&
             one.metric == route.metric;
    });
    host.routes.push_back(route);
  }
}

void add_bridge(HostState& host, const hostnet::AddBridge& action) {
  if (host.find_link(action.name) == nullptr)
    host.links.push_back(device(kBridge, action.name, "bridge"));
  for (auto address : action.addresses) {
    address.link = host.find_link(action.name)->index;
    put(host.addresses, address);
  }
}

void cut(HostState& host, const netlink::FilterCut& cut) {
  for (auto& table : host.filters) {
    if (table.backend != cut.backend || table.family != cut.family || table.name != cut.table)
      continue;
    if (cut.whole_table) table.name.clear();
    std::erase_if(table.chains, [&](const auto& one) { return cut.chains.contains(one.name); });
    for (auto& chain : table.chains)
      std::erase_if(chain.rules, [&](const auto& one) { return netlink::is_cut(one, cut); });
  }
  std::erase_if(host.filters, [](const auto& table) { return table.name.empty(); });
}

void rename(HostState& host, const netlink::FilterRename& rename) {
  for (auto& table : host.filters) {
    if (table.backend != rename.backend || table.family != rename.family ||
        table.name != rename.table)
      continue;
    for (const auto& [from, to] : rename.chains) {
      for (auto& chain : table.chains) {
        if (chain.name == from) chain.name = to;
        for (auto& rule : chain.rules) rule.target = rule.target == from ? to : rule.target;
      }
    }
  }
}

}  // namespace

HostState on_flannel() {
  HostState host;
  host.links = {device(kEth0, "eth0", ""),
                tunnel(kTunnel, "flannel.1", "56:1d:8d:30:79:01", "172.30.0.1"),
                device(kBridge, "cni0", "bridge"), device(kPod, "veth7", "veth")};
  host.links.back().master = kBridge;
  host.addresses = {{kEth0, ip("172.30.0.1"), 24, 0},
                    {kTunnel, ip("10.244.1.0"), 32, 0},
                    {kBridge, ip("10.244.1.1"), 24, 0}};
  netlink::Route peer;
  peer.destination = cidr("10.244.2.0/24");
  peer.link = kTunnel;
  peer.gateway = ip("10.244.2.0");
  peer.onlink = true;
  host.routes = {peer};
  host.neighbours = {{kTunnel, ip("10.244.2.0"), mac("56:1d:8d:30:79:02")}};
  host.fdb = {{kTunnel, mac("56:1d:8d:30:79:02"), ip("172.30.0.2")}};
  host.cni = {conf("10-flannel.conflist", CniKind::Flannel)};
  host.leases = {{kLeases, ip("10.244.1.7"), false}};
  host.lease_folders = {kLeases};
  host.paths = {"/etc/cni/net.d/10-flannel.conflist", std::string(hostnet::kSubnetEnv)};
  host.subnet_env = "FLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\n";
  return host;
}

HostState on_calico() {
  auto host = run(on_flannel(), task(api::AgentOperation::HandOver)).host;
  delete_link(host, kPod);  // replaced
  host.routes.push_back(blackhole("10.244.1.0/26", netlink::kProtocolFelix));
  host.routes.push_back(blackhole("10.244.1.64/26", netlink::kProtocolFelix));
  host.links.push_back(device(20, "cali12345678901", "veth"));
  netlink::Route pod;
  pod.destination = cidr("10.244.1.70/32");
  pod.link = 20;
  pod.protocol = netlink::kProtocolFelix;
  host.routes.push_back(pod);
  set_conf(host, "10-calico.conflist", CniKind::Calico);
  host.paths.insert("/etc/cni/net.d/calico-kubeconfig");
  return host;
}

HostState dual_stack(HostState host) {
  host.links.push_back(tunnel(kTunnelV6, "flannel-v6.1", "56:1d:8d:30:80:01", "fc00:30::1"));
  host.addresses.push_back({kEth0, ip("fc00:30::1"), 64, 0});
  host.addresses.push_back({kTunnelV6, ip("fd00:10:244:1::"), 128, 0});
  host.addresses.push_back({kBridge, ip("fd00:10:244:1::1"), 64, 0});
  host.leases.push_back({kLeases, ip("fd00:10:244:1::7"), false});
  return host;
}

api::AgentTask task(api::AgentOperation operation) {
  api::AgentTask task;
  task.operation = operation;
  task.node = "n1";
  task.pod_cidrs = {cidr("10.244.1.0/24")};
  task.mtu = 1450;
  task.vtep_mac = "56:1d:8d:30:79:01";
  task.public_ip = "172.30.0.1";
  task.cni_config_dir = "/etc/cni/net.d";
  return task;
}

api::AgentTask dual_stack(api::AgentTask task) {
  task.pod_cidrs.push_back(cidr("fd00:10:244:1::/64"));
  task.vtep_mac_v6 = "56:1d:8d:30:80:01";
  task.public_ip_v6 = "fc00:30::1";
  return task;
}

netlink::Link* link(HostState& host, const std::string& name) {
  const auto found = std::find_if(host.links.begin(), host.links.end(),
                                  [&name](const auto& one) { return one.name == name; });
  REQUIRE(found != host.links.end());
  return &*found;
}

hostnet::CniConf conf(const std::string& file, CniKind kind) {
  return {file,
          kind,
          kind == CniKind::Flannel ? "cbr0" : "",
          kind == CniKind::Flannel ? "cni0" : "",
          "",
          "",
          ""};
}

netlink::Route blackhole(const std::string& to, std::uint8_t protocol) {
  netlink::Route route;
  route.destination = cidr(to);
  route.type = netlink::RouteType::Blackhole;
  route.protocol = protocol;
  return route;
}

void apply(HostState& host, const hostnet::HostAction& action) {
  std::visit(
      base::overloaded{[&](const hostnet::WriteConf& a) {
                         set_conf(host, name_in(a.path, "/etc/cni/net.d"), CniKind::Dummy);
                         host.paths.insert(a.path);
                       },
                       [&](const hostnet::WriteFile& a) { write(host, a); },
                       [&](const hostnet::MovePath& a) { move(host, a); },
                       [&](const hostnet::RemovePath& a) { remove(host, a.path); },
                       [&](const hostnet::RenameLink& a) { rename(host, a); },
                       [&](const hostnet::AddBridge& a) { add_bridge(host, a); },
                       [&](const hostnet::SetProxyArp& a) { link(host, a.name)->proxy_arp = a.on; },
                       [&](const hostnet::SetMtu& a) { link(host, a.name)->mtu = a.mtu; },
                       [&](const hostnet::SetUp& a) { link(host, a.name)->up = true; },
                       [&](const hostnet::RestoreDeviceState& a) { restore(host, a.device_state); },
                       [&](const hostnet::DeleteLink& a) { delete_link(host, a.index); },
                       [&](const hostnet::SetRoute& a) { put(host.routes, a.route); },
                       [&](const hostnet::DropRoute& a) { drop(host.routes, a.route); },
                       [&](const hostnet::SetRoutes& a) { replace(host, a.routes); },
                       [&](const hostnet::DropRoutes& a) {
                         for (const auto& route : a.routes) drop(host.routes, route);
                       },
                       [&](const hostnet::CutFilter& a) { cut(host, a.cut); },
                       [&](const hostnet::RenameChains& a) { rename(host, a.rename); },
                       [&](const hostnet::DestroyIpSet& a) { drop(host.ip_sets, a.name); }},
      action);
}

std::vector<std::string> described(const hostnet::HostPlan& plan) {
  std::vector<std::string> all;
  for (const auto& action : plan.actions) all.push_back(hostnet::describe(action));
  return all;
}

api::AgentTask clean(api::AgentNetwork network) {
  auto result = task(api::AgentOperation::Clean);
  result.network = network;
  return result;
}

End run(HostState host, const api::AgentTask& task, std::optional<std::size_t> limit) {
  End end{std::move(host), {}, 0};
  for (int round = 0; round < 20; ++round) {
    end.plan = hostnet::plan_host(end.host, task);
    if (end.plan.actions.empty()) return end;
    for (const auto& action : end.plan.actions) {
      if (limit && end.changes == *limit) return end;
      INFO(hostnet::describe(action));
      apply(end.host, action);
      ++end.changes;
    }
  }
  FAIL("the plans come to no end: " << hostnet::describe(end.plan.actions.front()));
  return end;
}

}  // namespace a_host
