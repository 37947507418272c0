#include "fakes/build/cluster.h"

#include <fmt/format.h>

namespace build {
namespace {

// A /16 holds 256 nodes of a /24 each.
bool large(const ClusterOptions& options) { return options.nodes > 250; }

std::string net_conf(const ClusterOptions& options) {
  const auto* network = large(options) ? "10.0.0.0/8" : "10.244.0.0/16";
  if (!options.dual_stack) {
    return fmt::format(R"({{"Network":"{}","Backend":{{"Type":"vxlan"}}}})", network);
  }
  return fmt::format(R"({{"EnableIPv4":true,"EnableIPv6":true,"Network":"{}",)"
                     R"("IPv6Network":"fd00:10:244::/48","Backend":{{"Type":"vxlan"}}}})",
                     network);
}

void add(migration::ClusterState& cluster, const api::DaemonSet& set) {
  cluster.daemon_sets[api::key_of(set.meta)] = set;
}
void add(migration::ClusterState& cluster, const api::ConfigMap& map) {
  cluster.config_maps[api::key_of(map.meta)] = map;
}

void add_flannel(migration::ClusterState& cluster, const ClusterOptions& options) {
  if (options.canal) {
    add(cluster, a_canal_set());
    add(cluster,
        a_config_map("kube-system", "canal-config", {{"net-conf.json", net_conf(options)}}));
  } else {
    add(cluster, a_flannel_set());
    add(cluster, a_flannel_config(net_conf(options)));
  }
}

void add_calico(migration::ClusterState& cluster) {
  add(cluster, a_calico_node_set());
  add(cluster, a_config_map("kube-system", "calico-config", {{"veth_mtu", "0"}}));
  cluster.cluster_information = api::ClusterInformation{};
}

}  // namespace

ClusterChange nodes(int count) {
  return [count](ClusterOptions& options) { options.nodes = count; };
}
ClusterChange control_planes(int count) {
  return [count](ClusterOptions& options) { options.control_planes = count; };
}
ClusterChange zones(int count) {
  return [count](ClusterOptions& options) { options.zones = count; };
}
ClusterChange dual_stack() {
  return [](ClusterOptions& options) { options.dual_stack = true; };
}
ClusterChange canal() {
  return [](ClusterOptions& options) { options.canal = true; };
}
ClusterChange without_calico() {
  return [](ClusterOptions& options) { options.calico = false; };
}
ClusterChange operator_on(std::string_view node) {
  return [node = std::string(node)](ClusterOptions& options) { options.own_node = node; };
}

api::Node numbered_node(const ClusterOptions& options, int number) {
  const bool controls = number <= options.control_planes;
  const auto name = controls ? fmt::format("cp{}", number)
                             : fmt::format("w{:03}", number - options.control_planes);
  const int high = number / 256;
  const int low = number % 256;
  const auto cidr = large(options) ? fmt::format("10.{}.{}.0/24", high, low)
                                   : fmt::format("10.244.{}.0/24", number);
  const auto address = fmt::format("192.168.{}.{}", high, low);
  auto node = a_node(name, with_pod_cidr(cidr), with_internal_ip(address),
                     with_flannel(fmt::format("0a:00:00:00:{:02x}:{:02x}", high, low), address));
  if (controls) control_plane()(node);
  if (options.zones > 0) {
    with_label("topology.kubernetes.io/zone", fmt::format("z{}", number % options.zones))(node);
  }
  if (!options.dual_stack) return node;
  const auto address6 = fmt::format("fd00:192::{:x}", number);
  with_pod_cidr(fmt::format("fd00:10:244:{:x}::/64", number))(node);
  with_internal_ip(address6)(node);
  with_flannel_v6(fmt::format("0a:00:00:06:{:02x}:{:02x}", high, low), address6)(node);
  return node;
}

migration::ClusterState make_flannel_cluster(const ClusterOptions& options) {
  migration::ClusterState cluster;
  cluster.self.node = options.own_node;
  for (int number = 1; number <= options.nodes; ++number) {
    auto node = numbered_node(options, number);
    const auto name = node.meta.name;
    cluster.nodes[name].node = std::move(node);
  }
  add_flannel(cluster, options);
  if (options.calico) add_calico(cluster);
  cluster.lone_pods.emplace();
  cluster.flannel_pods.emplace();
  return cluster;
}

}  // namespace build
