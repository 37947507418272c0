#include "scenario/kubelet.h"

#include "api/names.h"
#include "calico/names.h"
#include "fakes/build/objects.h"
#include "scenario/controllers.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {

void run_agents(World& world, migration::NodeState& node);  // agent_work.cc

namespace {

using migration::Network;

enum class Role { Flannel, Calico, Other };

Role role_of(const api::Pod& pod) {
  const auto* owner = pod.meta.controller();
  if (owner == nullptr || owner->kind != "DaemonSet" || !pod.host_network) return Role::Other;
  return owner->name == "calico-node" ? Role::Calico : Role::Flannel;
}

void use_cni(Host& host, Network network) {
  if (host.cni == network) return;
  host.cni = network;
  host.from_before.clear();
  for (const auto& [uid, attached] : host.attached) host.from_before.insert(uid);
}

void set_network_unavailable(World& world, api::Node& node, std::optional<std::string> reason) {
  if (node.network_unavailable == reason) return;
  node.network_unavailable = std::move(reason);
  world.touch(node.meta);
}

void flannel_starts(World& world, api::Node& node) {
  Host& host = world.hosts.at(node.meta.name);
  if (host.device == Device::Calico)
    world.violate("flannel starts on " + node.meta.name + ", where the device is Calico's");
  if (host.device == Device::None) host.mtu = host.flannel_mtu;
  host.device = Device::Flannel;
  if (world.flannel_tells_network) set_network_unavailable(world, node, std::nullopt);
  use_cni(host, Network::Flannel);
  // Canal's pods hang on links of their own.
  host.bridge = !world.state.daemon_sets.contains({"kube-system", "canal"});
  const bool known = node.meta.annotation("flannel.alpha.coreos.com/backend-data") != nullptr;
  const bool changes = world.faults.new_mac.contains(node.meta.name) && host.left_flannel;
  if (known && !changes) return;
  const api::Node before = node;
  build::with_flannel("0e:00:00:00:99:01", node.internal_ips.front().to_string())(node);
  if (!(node == before)) world.touch(node.meta);
}

// Without the migration's node selector Calico starts anywhere, and makes an end point of its own.
bool is_gated(const World& world) {
  const auto& set = world.state.daemon_sets.at({"kube-system", "calico-node"});
  return set.node_selector.contains(std::string(api::kNetworkLabel));
}

// Felix first takes flannel's routes away: each block that one of them led to has to have its own.
void felix_finds_routes(World& world, const std::string& name) {
  auto& host = world.hosts.at(name);
  for (const auto& [peer, routes] :
       host.peer_routes.value_or(std::map<std::string, Host::PeerRoutes>())) {
    for (const auto& [cidr, block] : world.state.blocks) {
      const bool led = std::any_of(routes.pod_cidrs.begin(), routes.pod_cidrs.end(),
                                   [&cidr](const auto& whole) { return whole.contains(cidr); });
      if (!led || peer == name || calico::host_of(block.affinity) != peer) continue;
      if (!routes.blocks.contains(cidr))
        world.violate(fmt::format("Felix starts on {} without a route to block {} of {}", name,
                                  cidr.to_string(), peer));
    }
  }
  host.peer_routes.reset();
}

void calico_starts(World& world, api::Node& node) {
  Host& host = world.hosts.at(node.meta.name);
  if (host.device == Device::Flannel)
    world.violate("Calico starts on " + node.meta.name + ", where the device is flannel's");
  if (node.meta.annotation(api::kCalicoVxlanMac) == nullptr && is_gated(world))
    world.violate("Calico starts on " + node.meta.name + " without a tunnel end point");
  felix_finds_routes(world, node.meta.name);
  host.device = Device::Calico;
  set_network_unavailable(world, node, std::nullopt);
  use_cni(host, Network::Calico);
  // calico-node writes the interface's prefix length.
  const auto address = node.internal_ips.front().to_string() + "/24";
  if (node.meta.annotations[std::string(api::kCalicoIpv4Address)] == address) return;
  node.meta.annotations[std::string(api::kCalicoIpv4Address)] = address;
  world.touch(node.meta);
}

class Kubelet {
 public:
  Kubelet(World& world, const std::string& name)
      : world_(world), name_(name), node_(world.state.nodes.at(name)) {}

  void run() {
    end_pods();
    for (auto& [uid, pod] : *node_.pods) start(pod);
    run_agents(world_, node_);
    report_ready();
  }

  // The node controller gives it up.
  void lost() {
    if (node_.node.ready) {
      node_.node.ready = false;
      world_.touch(node_.node.meta);
    }
    for (auto& [uid, pod] : *node_.pods) set_ready(pod, false);
  }

 private:
  void set_ready(api::Pod& pod, bool ready) {
    if (pod.ready == ready) return;
    pod.ready = ready;
    world_.touch(pod.meta);
  }

  void end_pods() {
    for (auto pod = node_.pods->begin(); pod != node_.pods->end();) {
      if (!pod->second.meta.deleting) {
        ++pod;
        continue;
      }
      detach(world_, name_, pod->second);
      pod = node_.pods->erase(pod);
      ++world_.version;
    }
  }

  void start(api::Pod& pod) {
    if (pod.ready || pod.meta.deleting || pod.finished()) return;
    switch (role_of(pod)) {
      case Role::Flannel:
        if (world_.faults.flannel_never_ready.contains(name_)) return;
        flannel_starts(world_, node_.node);
        break;
      case Role::Calico:
        if (world_.faults.calico_never_ready.contains(name_)) return;
        calico_starts(world_, node_.node);
        break;
      case Role::Other:
        if (pod.ips.empty() && !pod.host_network && !give_address(pod)) return;
        break;
    }
    pod.phase = "Running";
    set_ready(pod, true);
  }

  bool give_address(api::Pod& pod) {
    const auto* owner = pod.meta.controller();
    const bool stuck = owner != nullptr && world_.faults.never_start.contains(owner->name);
    return !stuck && attach(world_, name_, pod);
  }

  // A node without any CNI configuration is not Ready; the dummy of a hand-over is one.
  void report_ready() {
    const Host& host = world_.hosts.at(name_);
    if (node_.node.ready || host.cni == Network::None) return;
    node_.node.ready = true;
    world_.touch(node_.node.meta);
  }

  World& world_;
  const std::string& name_;
  migration::NodeState& node_;
};

}  // namespace

void terminate(World& world, const std::string& node, const std::string& uid) {
  auto& pods = world.pods(node);
  const auto pod = pods.find(uid);
  if (pod == pods.end() || pod->second.meta.deleting) return;
  if (role_of(pod->second) == Role::Flannel) world.hosts.at(node).left_flannel = true;
  if (role_of(pod->second) == Role::Calico) {
    // Its preStop hook.
    set_network_unavailable(world, world.state.nodes.at(node).node,
                            std::string(api::kCalicoIsDown));
    pods.erase(pod);
    ++world.version;
    return;
  }
  pod->second.meta.deleting = world.now;
  pod->second.ready = false;
  world.touch(pod->second.meta);
}

void run_kubelets(World& world) {
  for (auto& [name, node] : world.state.nodes) {
    Kubelet kubelet(world, name);
    world.faults.nodes_down.contains(name) ? kubelet.lost() : kubelet.run();
  }
}

}  // namespace scenario
