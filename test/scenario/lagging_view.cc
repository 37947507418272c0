#include "scenario/lagging_view.h"

#include "api/names.h"

#include <fmt/format.h>

#include <type_traits>

namespace scenario {

using namespace migration;

template <typename Map>
void LaggingView::follow(Map& seen, const Map& now) {
  for (const auto& [key, object] : now) {
    if (!arrives()) continue;
    seen[key] = object;
  }
  std::erase_if(seen, [&](const auto& entry) { return !now.contains(entry.first) && arrives(); });
}

template <typename Map, typename Key>
void LaggingView::copy(Map& seen, const Map& now, const Key& key) {
  const auto found = now.find(key);
  if (found == now.end()) {
    seen.erase(key);
  } else {
    seen[key] = found->second;
  }
}

// Pods of a node are read anew when it is tracked, and followed from then on.
void LaggingView::follow_nodes(const std::set<std::string>& tracked) {
  const auto& now = cluster_.world.state.nodes;
  std::erase_if(seen_.nodes,
                [&](const auto& entry) { return !now.contains(entry.first) && arrives(); });
  bool all = true;
  for (const auto& [name, node] : now) {
    const bool known = seen_.nodes.contains(name);
    if (!known && !arrives()) {
      all = false;
      continue;
    }
    auto& seen = seen_.nodes[name];
    if (!known) seen = {node.node, {}, {}, {}};
    if (!seen.pending && arrives()) seen.node = node.node;
    all = all && seen.node == node.node;
    follow(seen.agents, node.agents);
    if (!tracked.contains(name)) {
      seen.pods.reset();
    } else if (!seen.pods) {
      if (arrives()) seen.pods = node.pods;
    } else {
      follow(*seen.pods, *node.pods);
    }
  }
  if (arrives()) seen_.flannel_pods = flannel_pods(cluster_.world);
  if (all) seen_.nodes_version = fmt::format("{}", cluster_.world.version);
}

// A node with a patch on its way is seen once the answer is there.
void LaggingView::receive_answers() {
  for (auto& [name, node] : seen_.nodes) {
    if (!node.pending) continue;
    if (arrives()) {
      node.pending.reset();
      const auto now = cluster_.world.state.nodes.find(name);
      if (now != cluster_.world.state.nodes.end()) node.node = now->second.node;
    } else {
      seen_.busy.insert(node_key(name));
    }
  }
}

const ClusterState& LaggingView::look(const std::set<std::string>& tracked) {
  const auto& now = cluster_.world.state;
  follow_nodes(tracked);
  follow(seen_.daemon_sets, now.daemon_sets);
  follow(seen_.blocks, now.blocks);
  follow(seen_.affinities, now.affinities);
  follow(seen_.handles, now.handles);
  follow(seen_.pools, now.pools);
  follow(seen_.config_maps, now.config_maps);
  if (arrives()) seen_.far_pods = far_pods(cluster_.world);
  if (arrives()) seen_.lone_pods = lone_pods(cluster_.world);
  if (arrives()) seen_.felix = now.felix;
  if (arrives()) seen_.ipam_config = now.ipam_config;
  if (arrives()) seen_.migrations = now.migrations;
  seen_.busy = now.busy;
  seen_.removals = now.removals;
  seen_.errors = now.errors;
  receive_answers();
  return seen_;
}

void LaggingView::wrote(const Action& action) {
  const auto& now = cluster_.world.state;
  std::visit(
      [&](const auto& a) {
        using A = std::decay_t<decltype(a)>;
        if constexpr (std::is_same_v<A, PatchNode>) {
          if (!now.nodes.contains(a.node) || !seen_.nodes.contains(a.node)) return;
          auto& seen = seen_.nodes[a.node];
          if (answers_ == Answers::Late) {
            seen.pending = a.patch;
          } else {
            seen.node = now.nodes.at(a.node).node;
          }
        } else if constexpr (std::is_same_v<A, SetNetworkAvailable>) {
          if (now.nodes.contains(a.node) && seen_.nodes.contains(a.node) &&
              !seen_.nodes[a.node].pending)
            seen_.nodes[a.node].node = now.nodes.at(a.node).node;
        } else if constexpr (std::is_same_v<A, CreateBlock>) {
          copy(seen_.blocks, now.blocks, a.cidr);
        } else if constexpr (std::is_same_v<A, AllocateVtep> ||
                             std::is_same_v<A, ReserveAddresses> ||
                             std::is_same_v<A, ReleaseReservation>) {
          copy(seen_.blocks, now.blocks, a.block);
        } else if constexpr (std::is_same_v<A, CreateHandle> || std::is_same_v<A, DeleteHandle>) {
          copy(seen_.handles, now.handles, a.handle_id);
        } else if constexpr (std::is_same_v<A, PatchDaemonSet> ||
                             std::is_same_v<A, CreateDaemonSet>) {
          copy(seen_.daemon_sets, now.daemon_sets, a.key);
        } else if constexpr (std::is_same_v<A, WriteFelix> || std::is_same_v<A, DeleteFelix>) {
          seen_.felix = now.felix;
        } else if constexpr (std::is_same_v<A, WriteIpamConfig> ||
                             std::is_same_v<A, DeleteIpamConfig>) {
          seen_.ipam_config = now.ipam_config;
        } else if constexpr (std::is_same_v<A, SaveConfigMap>) {
          copy(seen_.config_maps, now.config_maps, api::key_of(a.map.meta));
        } else if constexpr (std::is_same_v<A, DeleteConfigMap>) {
          seen_.config_maps.erase({now.self.ns, a.name});
        } else if constexpr (std::is_same_v<A, SetFinalizer> || std::is_same_v<A, DropApproval>) {
          seen_.migrations = now.migrations;
        }
      },
      action);
}

}  // namespace scenario
