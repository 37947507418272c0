#include "scenario/controllers.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

api::Pod new_pod(World& world, const Workload& workload) {
  api::Pod pod;
  pod.meta.ns = "default";
  pod.meta.uid = world.new_uid(workload.name);
  pod.meta.name = pod.meta.uid.substr(4);
  pod.meta.created = world.now;
  pod.meta.owners = {{workload.per_node ? "DaemonSet" : "ReplicaSet", workload.name,
                      "uid-" + workload.name, true}};
  pod.phase = "Pending";
  return pod;
}

bool belongs(const api::Pod& pod, const Workload& workload) {
  const auto* owner = pod.meta.controller();
  return owner != nullptr && owner->name == workload.name && !pod.meta.deleting;
}

int count(const std::map<std::string, api::Pod>& pods, const Workload& workload) {
  return static_cast<int>(std::count_if(pods.begin(), pods.end(), [&](const auto& entry) {
    return belongs(entry.second, workload);
  }));
}

void place(World& world, const std::string& node, api::Pod pod) {
  pod.node_name = node;
  world.touch(pod.meta);
  world.pods(node)[pod.meta.uid] = std::move(pod);
}

void run_per_node(World& world, const Workload& workload) {
  for (auto& [name, node] : world.state.nodes) {
    if (count(*node.pods, workload) == 0 && !node.node.network_taint)
      place(world, name, new_pod(world, workload));
  }
}

void run_replicas(World& world, const Workload& workload) {
  int there = 0;
  for (const auto& [name, node] : world.state.nodes) there += count(*node.pods, workload);
  for (const auto& pod : world.unscheduled) there += belongs(pod, workload) ? 1 : 0;
  for (; there < workload.replicas; ++there) world.unscheduled.push_back(new_pod(world, workload));
}

// The schedulable node with the fewest pods.
std::string choose_node(const World& world) {
  std::string best;
  std::size_t fewest = 0;
  for (const auto& [name, node] : world.state.nodes) {
    if (node.node.unschedulable || !node.node.ready || node.node.meta.deleting) continue;
    if (node.node.network_taint) continue;
    if (!best.empty() && node.pods->size() >= fewest) continue;
    best = name;
    fewest = node.pods->size();
  }
  return best;
}

}  // namespace

void run_workloads(World& world) {
  for (const auto& [name, workload] : world.workloads) {
    workload.per_node ? run_per_node(world, workload) : run_replicas(world, workload);
  }
  auto waiting = std::move(world.unscheduled);
  world.unscheduled.clear();
  for (auto& pod : waiting) {
    const auto node = choose_node(world);
    if (node.empty()) {
      world.unscheduled.push_back(std::move(pod));
    } else {
      place(world, node, std::move(pod));
    }
  }
}

}  // namespace scenario
