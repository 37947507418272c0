// The controllers of a cluster, each one step at a time.
#pragma once

#include "scenario/world.h"

namespace scenario {

// Creates, deletes and restarts pods of DaemonSets, and counts them in their status.
void run_daemon_sets(World& world);
// Recreates pods of workloads, and gives them a node.
void run_workloads(World& world);
// Taints nodes as their conditions say.
void run_node_lifecycle(World& world);
// Starts, ends and reports pods on every Ready node.
void run_kubelets(World& world);
// What kube-controllers does to IPAM data (kube-controllers/pkg/controllers/node/ipam.go), without
// its 15 minutes of grace: frees addresses of pods that are gone, and takes empty blocks of nodes
// that have others, unless a label says that they are not on Calico yet.
void collect_garbage(World& world);

// The share of a rolling update's pods that may be gone at once.
int rolling_budget(const api::DaemonSet& set, int nodes);

}  // namespace scenario
