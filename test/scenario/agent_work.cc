#include "api/first_blocks.h"
#include "fakes/build/objects.h"
#include "scenario/kubelet.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

using api::AgentOperation;
using migration::Network;

constexpr const char* kAgentsLease = "flannel-migration";

class Work {
 public:
  Work(World& world, const api::AgentTask& task)
      : world_(world), task_(task), host_(world.hosts.at(task.node)) {
    report_.operation = task.operation;
    report_.node = task.node;
    report_.run = task.run;
    report_.result = api::AgentResult::Succeeded;
    if (task.mtu > 0) report_.asked_mtu = task.mtu;
  }

  api::AgentReport run() {
    switch (task_.operation) {
      case AgentOperation::Preflight:
        look();
        break;
      case AgentOperation::HandOver:
        if (!fits()) break;
        hand(Device::Flannel, Device::Calico);
        lay_peer_routes();
        report_live();
        break;
      case AgentOperation::HandBack:
        hand(Device::Calico, Device::Flannel);
        host_.peer_routes.reset();
        host_.mtu = host_.flannel_mtu;
        keep_leases();
        break;
      case AgentOperation::CutOver:
      case AgentOperation::CutBack:
        cut();
        break;
      case AgentOperation::Verify:
        verify();
        break;
      case AgentOperation::FreeLeases:
        free_leases();
        break;
      case AgentOperation::Clean:
        clean();
        break;
      case AgentOperation::Probe:
      case AgentOperation::Finalize:
        break;
    }
    return report_;
  }

 private:
  bool is_canal() const { return world_.state.daemon_sets.contains({"kube-system", "canal"}); }

  // On Canal's nodes there is no subnet.env.
  void look() {
    if (!is_canal())
      report_.subnet_env = {{"FLANNEL_MTU", fmt::format("{}", host_.mtu)},
                            {"FLANNEL_IPMASQ", "true"}};
    report_.tunnel_mtu = host_.mtu;
  }

  // A larger device is set down to the cluster's MTU; a smaller one cannot be made larger.
  bool fits() {
    const bool flannels = host_.device == Device::Flannel && task_.mtu > 0;
    if (flannels && host_.mtu < task_.mtu) {
      report_.result = api::AgentResult::Refused;
      report_.tunnel_mtu = host_.mtu;
      report_.message = fmt::format(
          "flannel.1 has MTU {}, wanted {}: set spec.flannel.mtu to the "
          "smallest that flannel uses",
          host_.mtu, task_.mtu);
      return false;
    }
    if (flannels) host_.mtu = task_.mtu;
    return true;
  }

  void must(bool holds, std::string_view what) {
    if (!holds)
      world_.violate(
          fmt::format("{} on {}: {}", api::to_string(task_.operation), task_.node, what));
  }

  void nothing_runs() {
    for (const auto& [uid, pod] : world_.pods(task_.node)) {
      const auto* owner = pod.meta.controller();
      const bool network = owner != nullptr && pod.host_network && owner->kind == "DaemonSet";
      must(!network, "a network pod is still there: " + pod.meta.name);
    }
  }

  void hand(Device from, Device to) {
    nothing_runs();
    if (host_.device == from) host_.device = to;
    host_.cni = Network::None;
  }

  // Out of flannel's routes to the peers' pod CIDRs, and what the task tells beside.
  void lay_peer_routes() {
    constexpr auto kIpv6Addresses = api::kFirstIpv6Addresses + api::kNextIpv6Addresses;
    auto& routes = host_.peer_routes.emplace();
    for (const auto& [name, peer] : world_.state.nodes) {
      auto& to_peer = routes[name];
      for (const auto& cidr : peer.node.pod_cidrs) {
        const bool v4 = cidr.family() == net::Family::V4;
        const int size = v4 ? task_.block_size : task_.ipv6_block_size;
        to_peer.pod_cidrs.insert(cidr);
        for (const auto& block : api::first_blocks(cidr, size, kIpv6Addresses))
          to_peer.blocks.insert(block);
        for (const auto& [block, vtep] : task_.peer_blocks)
          if (vtep == cidr.address()) to_peer.blocks.insert(block);
      }
    }
  }

  void report_live() {
    for (const auto* pod : living_on(world_, task_.node, Network::Flannel))
      report_.live_addresses.insert(pod->ips.begin(), pod->ips.end());
  }

  std::set<net::IpAddress> addresses_on_calico() const {
    std::set<net::IpAddress> all;
    for (const auto* pod : living_on(world_, task_.node, Network::Calico))
      all.insert(pod->ips.begin(), pod->ips.end());
    return all;
  }

  // For no container: no plugin gives them back.
  void keep_leases() {
    for (const auto& ip : addresses_on_calico()) host_.leases[ip] = kAgentsLease;
  }

  void free_leases() {
    const auto live = addresses_on_calico();
    std::erase_if(host_.leases, [&live](const auto& lease) {
      return lease.second == kAgentsLease && !live.contains(lease.first);
    });
  }

  void cut() {
    nothing_runs();
    must(task_.operation == AgentOperation::CutOver || !is_canal(),
         "Canal's Felix may take VNI and port before flanneld does");
    for (const auto& [uid, network] : host_.attached) host_.cut_off.insert(uid);
    host_.device = Device::None;
    host_.bridge = false;
    host_.cni = Network::None;
    host_.leases.clear();
  }

  void verify() {
    must(!task_.vtep_mac.empty(), "the device's MAC is not named");
    must(host_.device != Device::None, "there is no tunnel device");
    const auto wanted =
        host_.device == Device::Calico ? api::AgentNetwork::Calico : api::AgentNetwork::Flannel;
    must(task_.network == wanted, "the device is not of the network that the task names");
  }

  void clean() {
    const auto gone =
        task_.network == api::AgentNetwork::Flannel ? Network::Flannel : Network::Calico;
    for (const auto* pod : living_on(world_, task_.node, gone))
      must(host_.cut_off.contains(pod->meta.uid), "pod " + pod->meta.name + " lives there");
    std::erase_if(host_.leases, [](const auto& lease) { return lease.second == kAgentsLease; });
    if (gone != Network::Flannel) return;
    // With host-local's folder goes what it remembers of the last address.
    host_.leases.clear();
    host_.next_v6 = 2;
    host_.bridge = false;
  }

  World& world_;
  const api::AgentTask& task_;
  Host& host_;
  api::AgentReport report_;
};

AgentFault* find_fault(World& world, const api::AgentTask& task) {
  for (auto& fault : world.faults.agents) {
    const bool here = !fault.on_calico_only || world.hosts.at(task.node).device == Device::Calico;
    const bool same = here && (fault.node.empty() || fault.node == task.node) &&
                      fault.operation == task.operation;
    if (same && fault.times > 0) return &fault;
  }
  return nullptr;
}

// The kubelet ends what does not end by itself.
void end_at_deadline(World& world, api::Pod& pod, const api::AgentTask& task) {
  if (world.now < *pod.meta.created + std::chrono::seconds(task.timeout_seconds)) return;
  pod.phase = "Failed";
  world.touch(pod.meta);
}

void finish_agent(World& world, api::Pod& pod, const api::AgentTask& task) {
  auto* fault = find_fault(world, task);
  if (fault != nullptr && fault->silent) return end_at_deadline(world, pod, task);
  api::AgentReport report{
      task.operation, task.node, task.run, api::AgentResult::Failed, {}, {}, {}, {}, {}, {}};
  if (fault != nullptr) {
    --fault->times;
    report.result = fault->result;
    report.reason = fault->reason;
    report.message = "made to fail";
  } else {
    report = carry_out(world, task);
  }
  auto created = pod.meta.created.value();
  auto labels = pod.meta;
  pod = build::a_finished_agent(task, report, created);
  pod.meta = labels;
  world.touch(pod.meta);
}

}  // namespace

api::AgentReport carry_out(World& world, const api::AgentTask& task) {
  return Work(world, task).run();
}

void start_agent(World& world, const api::AgentTask& task) {
  auto pod = build::a_starting_agent(task, world.now);
  auto& agents = world.state.nodes.at(task.node).agents;
  if (agents.contains(pod.meta.name)) return;
  world.touch(pod.meta);
  world.tasks[pod.meta.name] = task;
  agents[pod.meta.name] = pod;
}

void run_agents(World& world, migration::NodeState& node) {
  const auto ended = std::erase_if(
      node.agents, [](const auto& entry) { return entry.second.meta.deleting.has_value(); });
  if (ended > 0) ++world.version;
  for (auto& [name, pod] : node.agents) {
    if (pod.phase == "Pending") {
      pod.phase = "Running";
      world.touch(pod.meta);
    } else if (pod.phase == "Running") {
      finish_agent(world, pod, world.tasks.at(name));
    }
  }
}

}  // namespace scenario
