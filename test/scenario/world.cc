#include "scenario/world.h"

#include "api/names.h"
#include "flannel/install.h"
#include "migration/ipam/node_blocks.h"

#include <fmt/format.h>

namespace scenario {

std::optional<migration::Journal> journal_of(const api::Node& node) {
  const auto* text = node.meta.annotation(api::kStateAnnotation);
  if (text == nullptr) return std::nullopt;
  auto journal = migration::parse_journal(*text);
  if (!journal) return std::nullopt;
  return *journal;
}

void World::touch(api::ObjectStamp& meta) { meta.resource_version = fmt::format("{}", ++version); }

std::string World::new_uid(std::string_view name) {
  return fmt::format("uid-{}-{}", name, ++version);
}

void World::violate(std::string what) { violations.push_back(std::move(what)); }

std::vector<const api::Pod*> living_on(const World& world, const std::string& node,
                                       migration::Network network) {
  std::vector<const api::Pod*> found;
  const auto& host = world.hosts.at(node);
  for (const auto& [uid, pod] : *world.state.nodes.at(node).pods) {
    const auto attached = host.attached.find(uid);
    if (attached != host.attached.end() && attached->second == network) found.push_back(&pod);
  }
  return found;
}

migration::PodAddresses far_pods(const World& world) {
  migration::PodAddresses far;
  for (const auto& [name, node] : world.state.nodes) {
    for (const auto& [uid, pod] : *node.pods) {
      for (const auto& ip : pod.ips) {
        if (migration::is_far(node.node, ip)) far[name][uid] = ip;
      }
    }
  }
  return far;
}

migration::LonePods lone_pods(const World& world) {
  migration::LonePods lone;
  for (const auto& [name, node] : world.state.nodes) {
    for (const auto& [uid, pod] : *node.pods) {
      if (const auto found = migration::lone_pod(pod)) lone[name][uid] = *found;
    }
  }
  return lone;
}

migration::DaemonPods flannel_pods(const World& world) {
  migration::DaemonPods found;
  for (const auto& [name, node] : world.state.nodes) {
    for (const auto& [uid, pod] : *node.pods) {
      const auto daemon = migration::daemon_pod(pod);
      if (!daemon) continue;
      const auto set = world.state.daemon_sets.find(daemon->set);
      const bool known =
          set != world.state.daemon_sets.end() && set->second.meta.uid == daemon->set_uid;
      if (!known || flannel::recognise(set->second)) found[name][uid] = *daemon;
    }
  }
  return found;
}

void free_handle(World& world, api::IpamBlock& block, const std::string& handle) {
  for (auto entry = block.allocated.begin(); entry != block.allocated.end();) {
    if (entry->second != handle) {
      ++entry;
      continue;
    }
    world.freed[block.cidr].push_back(entry->first);
    std::erase_if(block.borrowed,
                  [&entry](const auto& borrowed) { return borrowed.first == entry->first; });
    entry = block.allocated.erase(entry);
    world.touch(block.meta);
  }
}

std::string pod_handle(const api::Pod& pod) { return "k8s-pod-network." + pod.meta.uid; }

}  // namespace scenario
