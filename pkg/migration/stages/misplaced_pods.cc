#include "migration/stages/misplaced_pods.h"

#include "calico/names.h"
#include "migration/ipam/node_ipam.h"
#include "migration/node/drain_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace migration {
namespace {

class Gatherer {
 public:
  explicit Gatherer(PlanBuilder& builder) : builder_(builder), survey_(builder.survey()) {}

  Outcome run() {
    for (const auto& [cidr, block] : survey_.cluster.blocks) {
      if (survey_.settings.cover(cidr) && !block.deleted) look_at(block);
    }
    const int together =
        survey_.spec.rollout.max_unavailable.of(static_cast<int>(survey_.nodes.size()));
    int visited = 0;
    for (const auto* node : to_visit_) {
      if (visited < together) visited += visit(*node) ? 1 : 0;
    }
    return std::move(outcome_);
  }

 private:
  void look_at(const api::IpamBlock& block) {
    for (const auto& [ordinal, name] : block.borrowed) {
      const auto* node = survey_.find(name);
      const net::Cidr address(block.cidr.address().plus(ordinal), block.cidr.address().bits());
      if (node != nullptr && !is_home(node->node(), address)) has_stray_pods(*node);
    }
    const auto host = calico::host_of(block.affinity);
    const auto* holder = host ? survey_.find(*host) : nullptr;
    if (survey_.originals->blocks.contains(block.meta.name)) return;
    if (holder != nullptr && !is_home(holder->node(), block.cidr))
      return stray_block(*holder, block);
    // A block without an affinity belongs to no node: its holder releases the last address.
    if (block.affinity.empty() && block.allocated.empty()) drop(block, {});
  }

  // The affinity goes first: then Calico assigns no further address of the block.
  void stray_block(const NodeView& holder, const api::IpamBlock& block) {
    if (!holder.resting() || !has_own_blocks(holder)) return;
    const auto affinity = calico::affinity_name(holder.name, block.cidr);
    if (survey_.cluster.affinities.contains(affinity)) {
      wait("taking blocks outside of their nodes' pod CIDRs back");
      builder_.add("block/" + block.meta.name, DeleteAffinity{affinity});
    } else if (holder.network == Network::Flannel) {
      // The block's pods are gone, and with flannel's plugin in force their addresses are not
      // released.
      drop(block, pod_handles(survey_.cluster, block));
    } else if (names_pods(holder, block)) {
      has_stray_pods(holder);
    } else {
      drop(block, {});
    }
  }

  // Without own blocks a pod that is replaced on the node would find no address.
  bool has_own_blocks(const NodeView& node) const {
    if (node.network == Network::Flannel) return true;
    const NodeIpam ipam = examine_ipam(survey_, node, Network::Flannel);
    return ipam.problem.empty() && ipam.missing.empty() &&
           ipam.conflicts.size() < ipam.blocks.size();
  }

  // True if pods hold addresses of the block. Calico may have put the tunnel's address there; the
  // node has another one by now.
  static bool names_pods(const NodeView& holder, const api::IpamBlock& block) {
    const auto ours = handles_of_node(holder.name);
    return std::any_of(block.allocated.begin(), block.allocated.end(),
                       [&](const auto& entry) { return !ours.contains(entry.second); });
  }

  void drop(const api::IpamBlock& block, const std::set<std::string>& handles) {
    wait("taking blocks outside of their nodes' pod CIDRs back");
    std::vector<Action> actions;
    actions.reserve(handles.size() + 1);
    for (const auto& handle : handles) actions.emplace_back(DeleteHandle{handle});
    actions.emplace_back(DeleteBlock{block.meta.name, block.meta.resource_version});
    builder_.add("block/" + block.meta.name, std::move(actions));
  }

  // Nodes that are out of service, or on flannel, replace their pods themselves.
  void has_stray_pods(const NodeView& node) {
    if (node.network == Network::Calico && !node.out()) to_visit_.insert(&node);
  }

  // Returns whether pods have to leave the node.
  bool visit(const NodeView& node) {
    builder_.track(node.name);
    if (!node.state->pods) return wait(fmt::format("reading the pods of node {}", node.name));
    const auto stray = [this, &node](const api::Pod& pod) { return is_stray(node, pod); };
    const auto result = evacuate(builder_, node, Purpose::Gather, since(node), stray);
    // Calico's garbage collection frees addresses without a pod; they do not matter here.
    return result.remaining > 0 && follow(node, result);
  }

  bool follow(const NodeView& node, const Evacuation& result) {
    const auto policy = survey_.spec.drain.on_timeout;
    const bool for_a_person = result.stuck == result.remaining;
    if (policy == api::OnTimeout::Skip && (result.timed_out || for_a_person)) return false;
    const auto message = fmt::format("moving pods of node {} to addresses of its pod CIDR: {}",
                                     node.name, result.message);
    wait(message);
    if (!for_a_person && !(result.timed_out && policy == api::OnTimeout::Pause)) return true;
    outcome_ = Outcome::blocked(message);
    return true;
  }

  bool is_stray(const NodeView& node, const api::Pod& pod) const {
    return pod.on_pod_network() && std::any_of(pod.ips.begin(), pod.ips.end(), [&](const auto& ip) {
             const net::Cidr address(ip, ip.bits());
             return survey_.settings.cover(address) && !is_home(node.node(), address);
           });
  }

  // There is no journal of this move: the time allowed counts from the first pod that was evicted.
  base::TimePoint since(const NodeView& node) const {
    auto first = survey_.now;
    for (const auto& [uid, pod] : *node.state->pods) {
      const auto tried = survey_.cluster.removals.find(uid);
      if (tried != survey_.cluster.removals.end() && is_stray(node, pod))
        first = std::min(first, tried->second.first);
    }
    return first;
  }

  bool wait(std::string message) {
    if (outcome_.is_ready()) outcome_ = Outcome::waiting(std::move(message));
    return true;
  }

  struct ByName {
    bool operator()(const NodeView* a, const NodeView* b) const { return a->name < b->name; }
  };

  PlanBuilder& builder_;
  const Survey& survey_;
  std::set<const NodeView*, ByName> to_visit_;
  Outcome outcome_;
};

}  // namespace

Outcome gather_misplaced(PlanBuilder& builder) {
  if (!builder.survey().ipam_is_held()) return {};
  return Gatherer(builder).run();
}

}  // namespace migration
