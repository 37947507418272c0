#include "migration/stages/removed_nodes.h"

#include "calico/names.h"
#include "migration/ipam/node_blocks.h"
#include "migration/ipam/placeholder.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace migration {
namespace {

// The part of a reservation that an earlier node of the same name has left, on a node that rests
// and has no journal. Addresses that keep the node's blocks from being empty are not part of it.
struct OldReservation {
  std::vector<Action> releases;
  bool used = false;
};

bool is_untouched(const NodeView* node) {
  return node != nullptr && node->resting() && !node->journal;
}

// Looks in every block of this node name: the node that was replaced may have had another pod CIDR.
std::map<const NodeView*, OldReservation> old_reservations(const Survey& survey) {
  std::map<const NodeView*, OldReservation> found;
  for (const auto& [cidr, block] : survey.cluster.blocks) {
    const auto host = calico::host_of(block.affinity);
    const auto* node = host ? survey.find(*host) : nullptr;
    if (!is_untouched(node)) continue;
    const auto reserved = reserved_in(block, node->name);
    if (reserved.empty()) continue;
    if (!nodes_known_since(survey.cluster, block.meta)) {
      found[node].used = true;
      continue;
    }
    const auto spare = is_home(node->node(), cidr) ? spare_in(block, node->name) : reserved;
    auto& old = found[node];
    old.used = old.used || spare.size() < reserved.size();
    if (!spare.empty()) old.releases.emplace_back(ReleaseReservation{node->name, cidr, spare});
  }
  return found;
}

class RemovedNodes {
 public:
  RemovedNodes(PlanBuilder& builder, bool complete)
      : builder_(builder), survey_(builder.survey()), complete_(complete) {}

  void run() {
    for (const auto& [cidr, block] : survey_.cluster.blocks) look_at(block);
    for (auto& [node, actions] : tasks_) {
      drop_handles(node, actions);
      builder_.add("gone/" + node, std::move(actions));
    }
  }

 private:
  void look_at(const api::IpamBlock& block) {
    const auto host = calico::host_of(block.affinity);
    if (!host || survey_.find(*host) != nullptr) return;
    const std::string node(*host);
    if (survey_.cluster.nodes.contains(node) || survey_.originals->blocks.contains(block.meta.name))
      return;
    if (!nodes_known_since(survey_.cluster, block.meta)) {
      undecided_.insert(node);
      return;
    }
    if (!complete_ && nobody_else_may_use(node, block)) {
      drop(node, block);
    } else {
      release(node, block);
    }
  }

  void release(const std::string& node, const api::IpamBlock& block) {
    auto reserved = reserved_in(block, node);
    if (!reserved.empty())
      tasks_[node].emplace_back(ReleaseReservation{node, block.cidr, std::move(reserved)});
  }

  // True if only our own addresses are left in the block: strict affinity keeps other nodes off it,
  // and its own node is gone.
  bool nobody_else_may_use(const std::string& node, const api::IpamBlock& block) const {
    if (!survey_.ipam_is_held()) return false;
    const auto ours = handles_of_node(node);
    return std::all_of(block.allocated.begin(), block.allocated.end(),
                       [&](const auto& entry) { return ours.contains(entry.second); });
  }

  void drop(const std::string& node, const api::IpamBlock& block) {
    dropped_.insert(node);
    auto& actions = tasks_[node];
    const auto affinity = calico::affinity_name(node, block.cidr);
    if (survey_.cluster.affinities.contains(affinity))
      actions.emplace_back(DeleteAffinity{affinity});
    actions.emplace_back(DeleteBlock{block.meta.name});
  }

  void drop_handles(const std::string& node, std::vector<Action>& actions) const {
    if (undecided_.contains(node)) return;
    for (const auto& id : handles_of_node(node)) {
      // A tunnel's handle stays while a block names it.
      if (id != calico::reservation_handle(node) && !dropped_.contains(node)) continue;
      if (survey_.cluster.handles.contains(id)) actions.emplace_back(DeleteHandle{id});
    }
  }

  PlanBuilder& builder_;
  const Survey& survey_;
  const bool complete_;
  std::map<std::string, std::vector<Action>> tasks_;  // by node
  std::set<std::string> dropped_;                     // nodes whose blocks go
  std::set<std::string> undecided_;  // nodes that may be there, by one of their blocks
};

}  // namespace

void forget_replaced_nodes(PlanBuilder& builder) {
  for (auto& [node, old] : old_reservations(builder.survey())) {
    if (old.releases.empty()) continue;
    const auto handle = calico::reservation_handle(node->name);
    if (!old.used) old.releases.emplace_back(DeleteHandle{handle});
    builder.add(node_key(node->name), std::move(old.releases));
  }
}

void forget_removed_nodes(PlanBuilder& builder, bool complete) {
  RemovedNodes(builder, complete).run();
}

}  // namespace migration
