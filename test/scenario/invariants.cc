#include "scenario/invariants.h"

#include "api/names.h"
#include "calico/names.h"
#include "migration/facts/journal.h"
#include "migration/ipam/node_blocks.h"
#include "scenario/ipam_rules.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

constexpr std::string_view kFlannels = "flannel.alpha.coreos.com/backend-data";

using migration::Network;
using migration::Step;

std::string label_of(const api::Node& node) {
  const auto* label = node.meta.label(api::kNetworkLabel);
  return label == nullptr ? "" : *label;
}

bool is_out(const api::Node& node) {
  if (label_of(node) == "none") return true;
  const auto journal = journal_of(node);
  return node.meta.label(api::kInProgressLabel) != nullptr && journal && journal->out();
}

// There are no other DaemonSets on the host's network.
const api::Pod* pod_of(const migration::NodeState& node, bool calicos) {
  for (const auto& [uid, pod] : *node.pods) {
    const auto* owner = pod.meta.controller();
    if (owner != nullptr && owner->kind == "DaemonSet" && pod.host_network &&
        (owner->name == "calico-node") == calicos)
      return &pod;
  }
  return nullptr;
}

const api::Pod* calico_pod(const migration::NodeState& node) { return pod_of(node, true); }
const api::Pod* flannel_pod(const migration::NodeState& node) { return pod_of(node, false); }

// Virtual kubelets and dummies are not.
bool is_flannels(const World& world, const api::Node& node) {
  if (!node.has_kubelet || node.pod_cidrs.empty()) return false;
  const auto& sets = world.state.daemon_sets;
  return std::any_of(sets.begin(), sets.end(), [&node](const auto& set) {
    return set.first.name != "calico-node" && set.second.wants(node);
  });
}

class Check {
 public:
  Check(World& world, const migration::Plan& plan) : world_(world), plan_(plan) {}

  bool lenient = false;
  bool pods_may_break = false;

  void budget(int most_out) {
    int out = 0;
    int controls = 0;
    for (const auto& [name, node] : world_.state.nodes) {
      if (!is_out(node.node)) continue;
      ++out;
      controls += api::is_control_plane(node.node) ? 1 : 0;
    }
    must(out <= most_out, fmt::format("{} nodes are out, {} may be", out, most_out));
    must(controls <= 1, "two control-plane nodes are out");
  }

  void node(const std::string& name, const migration::NodeState& state) {
    const auto& node = state.node;
    if (label_of(node) == "none" && !lenient)
      must(node.unschedulable, name + " is schedulable between two networks");
    const auto* calico = calico_pod(state);
    const auto* flannel = flannel_pod(state);
    must(calico == nullptr || flannel == nullptr, "both networks run on " + name);
    addresses(name, state);
    known_to_canal(name, node);
    if (any_calico()) reachable(name);
    if (any_flannel()) at_home(name, node);
    if (calico != nullptr) held(name);
    const auto journal = journal_of(node);
    const bool done = journal && journal->step == Step::Done && label_of(node) == "calico";
    if (done) check_released(world_, name);
    if (journal && label_of(node) == "calico" && !lenient) check_kept(world_, name);
  }

  void addresses(const std::string& name, const migration::NodeState& state) {
    for (const auto& [uid, pod] : *state.pods) {
      if (pod.host_network || world_.hosts.at(name).cut_off.contains(uid)) continue;
      for (const auto& ip : pod.ips) {
        const auto [other, added] = given_.emplace(ip, pod.meta.name);
        must(added, fmt::format("{} has {} and so has {}", pod.meta.name, ip.to_string(),
                                added ? "" : other->second));
        for (const auto& cidr : state.node.pod_cidrs) {
          if (!cidr.contains(ip)) continue;
          must(!of_the_host(name, cidr, ip), fmt::format("{} of {} on {} is an address of the host",
                                                         ip.to_string(), pod.meta.name, name));
        }
      }
    }
  }

  // The tunnel's, and where there is a bridge, its own and the broadcast address.
  bool of_the_host(const std::string& name, const net::Cidr& cidr, const net::IpAddress& ip) const {
    const auto offset = ip.minus(cidr.address());
    const bool last = ip.family() == net::Family::V4 && offset == cidr.size() - 1;
    return offset == 0 || (world_.hosts.at(name).bridge && (offset == 1 || last));
  }

  // Canal's Felix drops VXLAN packets of nodes whose tunnels it does not know.
  void known_to_canal(const std::string& name, const api::Node& node) {
    if (!vxlan_in_canal() || node.meta.annotation(kFlannels) == nullptr) return;
    must(node.meta.annotation(api::kCalicoVxlanAddress) != nullptr,
         "Canal's Felix drops the packets of " + name);
  }

  bool vxlan_in_canal() const {
    const auto& state = world_.state;
    const bool canal = std::any_of(state.nodes.begin(), state.nodes.end(), [](const auto& entry) {
      const auto* pod = flannel_pod(entry.second);
      return pod != nullptr && pod->meta.controller()->name == "canal";
    });
    if (!canal || (state.felix && !state.felix->vxlan_enabled.value_or(true))) return false;
    return std::any_of(state.pools.begin(), state.pools.end(),
                       [](const auto& pool) { return pool.second.vxlan_mode == "Always"; });
  }

  bool any_calico() const {
    return std::any_of(world_.state.nodes.begin(), world_.state.nodes.end(),
                       [](const auto& entry) { return calico_pod(entry.second) != nullptr; });
  }

  bool any_flannel() const {
    return std::any_of(world_.state.nodes.begin(), world_.state.nodes.end(),
                       [](const auto& entry) { return flannel_pod(entry.second) != nullptr; });
  }

  // Nodes on flannel know a way to the pod CIDRs of others, and to nothing else.
  void at_home(const std::string& name, const api::Node& node) {
    for (const auto* pod : living_on(world_, name, Network::Calico)) {
      for (const auto& ip : pod->ips) {
        const auto& own = node.pod_cidrs;
        must(std::any_of(own.begin(), own.end(), [&](const auto& c) { return c.contains(ip); }),
             fmt::format("{} of {} is not of the pod CIDR of {}", ip.to_string(), pod->meta.name,
                         name));
      }
    }
  }

  // Nodes on Calico know a way to the blocks of others, and to nothing else.
  void reachable(const std::string& name) {
    for (const auto* pod : living_on(world_, name, Network::Flannel)) {
      if (world_.hosts.at(name).cut_off.contains(pod->meta.uid)) continue;
      for (const auto& ip : pod->ips)
        must(is_claimed(name, ip), fmt::format("{} of {} on {} is in no block of the node",
                                               ip.to_string(), pod->meta.name, name));
    }
  }

  bool is_claimed(const std::string& name, const net::IpAddress& ip) const {
    const auto* block = migration::block_at(world_.state, ip);
    return block != nullptr && !block->deleted && block->affinity == calico::host_affinity(name) &&
           world_.state.affinities.contains(calico::affinity_name(name, block->cidr));
  }

  // While Calico gives addresses out, none of the bridge's is free.
  void held(const std::string& name) {
    for (const auto* pod : living_on(world_, name, Network::Flannel)) {
      if (world_.hosts.at(name).cut_off.contains(pod->meta.uid)) continue;
      for (const auto& ip : pod->ips)
        must(!is_free(ip), fmt::format("{} of {} on {} is free for Calico", ip.to_string(),
                                       pod->meta.name, name));
    }
  }

  bool is_free(const net::IpAddress& ip) const {
    for (const auto& [cidr, block] : world_.state.blocks) {
      if (cidr.contains(ip))
        return !block.allocated.contains(static_cast<std::uint32_t>(ip.minus(cidr.address())));
    }
    return false;
  }

  void tasks() {
    std::set<std::string> keys;
    for (const auto& task : plan_.tasks) {
      must(keys.insert(task.key).second, "two tasks have the key " + task.key);
      must(!task.actions.empty(), "a task has no action: " + task.key);
      must(!world_.state.busy.contains(task.key), "a busy key was planned for: " + task.key);
    }
  }

  void resting() {
    if (world_.state.migrations.empty() || !world_.migration().spec || !world_.spec().paused)
      return;
    const bool out = std::any_of(world_.state.nodes.begin(), world_.state.nodes.end(),
                                 [](const auto& entry) { return is_out(entry.second.node); });
    must(out || plan_.tasks.empty() || world_.migration().meta.deleting,
         "paused, nothing is out, and something is planned");
  }

  void phases() {
    for (const auto& [name, status] : plan_.statuses) {
      if (status.phase == api::Phase::Completed) completed();
      if (status.phase == api::Phase::Reverted) reverted();
    }
  }

  // A node that has just joined is no part of it any more.
  void completed() {
    check_nothing_reserved(world_, "Completed");
    for (const auto& [name, node] : world_.state.nodes) {
      if (node.node.os == "windows") continue;
      const auto* pod = calico_pod(node);
      must(pods_may_break || !node.node.ready || (pod != nullptr && pod->ready),
           "Completed, and calico-node is not Ready on " + name);
      must(pods_may_break || pod == nullptr || flannel_pod(node) == nullptr,
           "Completed, and flannel's pod is on " + name);
      must(label_of(node.node).empty(), "Completed, and a label is left on " + name);
      must(living_on(world_, name, Network::Flannel).empty(),
           "Completed, and a pod lives on flannel's bridge on " + name);
    }
  }

  void reverted() {
    check_nothing_reserved(world_, "Reverted");
    for (const auto& [name, node] : world_.state.nodes) {
      const auto* pod = flannel_pod(node);
      const bool served = pod != nullptr && pod->ready;
      must(pods_may_break || !node.node.ready || served || !is_flannels(world_, node.node),
           "Reverted, and flannel is not Ready on " + name);
      must(pods_may_break || !node.node.network_taint,
           "Reverted, and " + name + " takes no pods: its network is said to be unavailable");
      must(label_of(node.node).empty(), "Reverted, and a label is left on " + name);
    }
  }

  void must(bool holds, const std::string& what) {
    if (!holds) world_.violate(what);
  }

 private:
  World& world_;
  const migration::Plan& plan_;
  std::map<net::IpAddress, std::string> given_;
};

bool any_left(const World& world) {
  return std::any_of(world.state.nodes.begin(), world.state.nodes.end(), [](const auto& entry) {
    // Calico's pod of a node that has just been put on Calico is on its way.
    return calico_pod(entry.second) == nullptr && label_of(entry.second.node) != "calico";
  });
}

}  // namespace

Invariants::Invariants(const FakeCluster& cluster) {
  for (const auto& [name, node] : cluster.world.state.nodes) {
    const bool admins = node.node.meta.label(api::kInProgressLabel) == nullptr;
    if (node.node.unschedulable && admins) cordoned_before_.insert(name);
    if (const auto* pod = flannel_pod(node)) flannel_pods_[node.node.meta.uid] = pod->meta.uid;
  }
}

void Invariants::check(FakeCluster& cluster, const migration::Plan& plan) {
  World& world = cluster.world;
  Check check(world, plan);
  check.lenient = somebody_uncordons;
  check.pods_may_break = pods_may_break;
  if (!somebody_spoils_journals) check.budget(most_out);
  for (const auto& [name, node] : world.state.nodes) check.node(name, node);
  check.tasks();
  check.resting();
  check.phases();
  for (const auto& [name, node] : world.state.nodes) {
    if (cordoned_before_.contains(name))
      check.must(node.node.unschedulable, "the admin's cordon of " + name + " was lifted");
    if (any_left(world))
      check.must(node.node.meta.annotation(kFlannels) != nullptr || label_of(node.node).empty(),
                 "flannel's annotations are gone from " + name);
    const auto first = flannel_pods_.find(node.node.meta.uid);
    const auto* pod = flannel_pod(node);
    if (first != flannel_pods_.end() && pod != nullptr && !world.hosts.at(name).left_flannel)
      check.must(pod->meta.uid == first->second, "flannel was restarted on " + name);
    check.must(agents_may_cut || world.hosts.at(name).cut_off.empty(),
               "pods were cut off on " + name);
  }
}

}  // namespace scenario
