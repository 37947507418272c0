#include "migration/vanished.h"

#include "calico/names.h"
#include "migration/node_blocks.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace migration {
namespace {

bool names(const api::IpamBlock& block, const std::string& handle) {
  return std::any_of(block.allocated.begin(), block.allocated.end(),
                     [&handle](const auto& entry) { return entry.second == handle; });
}

// Wherever the pod CIDR of the one before was.
void release_everywhere(Draft& draft, const NodeView& node, const std::string& handle) {
  std::vector<Action> actions;
  for (const auto& [cidr, block] : draft.survey().cluster.blocks) {
    if (block.affinity == calico::host_affinity(node.name) && names(block, handle))
      actions.emplace_back(ReleaseReservation{node.name, cidr});
  }
  actions.emplace_back(DeleteHandle{handle});
  draft.add(node_key(node.name), std::move(actions));
}

class Vanished {
 public:
  Vanished(Draft& draft, bool complete)
      : draft_(draft), survey_(draft.survey()), complete_(complete) {}

  void run() {
    for (const auto& [cidr, block] : survey_.cluster.blocks) look_at(block);
    for (auto& [node, actions] : tasks_) {
      drop_handles(node, actions);
      draft_.add("gone/" + node, std::move(actions));
    }
  }

 private:
  void look_at(const api::IpamBlock& block) {
    const auto host = calico::host_of(block.affinity);
    if (!host || survey_.find(*host) != nullptr) return;
    const std::string node(*host);
    if (survey_.cluster.nodes.contains(node) || survey_.originals->blocks.contains(block.meta.name))
      return;
    if (!nodes_known_since(survey_.cluster, block.meta)) return;
    if (!complete_ && nobody_else_may_use(node, block)) {
      drop(node, block);
    } else {
      release(node, block);
    }
  }

  void release(const std::string& node, const api::IpamBlock& block) {
    if (names(block, calico::reservation_handle(node)))
      tasks_[node].emplace_back(ReleaseReservation{node, block.cidr});
  }

  // Strict affinity keeps other nodes off it, and its own node is gone.
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
    for (const auto& id : handles_of_node(node)) {
      // That of a tunnel stays while a block names it.
      if (id != calico::reservation_handle(node) && !dropped_.contains(node)) continue;
      if (survey_.cluster.handles.contains(id)) actions.emplace_back(DeleteHandle{id});
    }
  }

  Draft& draft_;
  const Survey& survey_;
  const bool complete_;
  std::map<std::string, std::vector<Action>> tasks_;  // by node
  std::set<std::string> dropped_;                     // nodes whose blocks go
};

}  // namespace

void forget_replaced_nodes(Draft& draft) {
  for (const auto& node : draft.survey().nodes) {
    if (!node.resting() || node.journal) continue;
    const auto& cluster = draft.survey().cluster;
    const auto handle = cluster.handles.find(calico::reservation_handle(node.name));
    if (handle != cluster.handles.end() && nodes_known_since(cluster, handle->second.meta))
      release_everywhere(draft, node, handle->first);
  }
}

void forget_vanished_nodes(Draft& draft, bool complete) { Vanished(draft, complete).run(); }

}  // namespace migration
