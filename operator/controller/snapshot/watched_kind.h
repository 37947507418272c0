// The kinds of objects that the operator watches.
#pragma once

#include "kube/resource.h"

#include <string>
#include <vector>

namespace controller {

enum class Kind {
  FlannelMigrations,
  Nodes,
  DaemonSets,
  IpPools,
  FelixConfigurations,
  IpamConfigs,
  IpamBlocks,
  BlockAffinities,
  IpamHandles,
  ClusterInformations,
  AgentPods,
};

const kube::Resource& resource_of(Kind kind);
// For people, and in ClusterState::unseen: "nodes", "the agent's pods".
std::string name_of(Kind kind);
std::vector<Kind> all_kinds();

}  // namespace controller
