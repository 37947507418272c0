#include "controller/snapshot/watched_kind.h"

#include "controller/snapshot/resources.h"

namespace controller {

const kube::Resource& resource_of(Kind kind) {
  switch (kind) {
    case Kind::FlannelMigrations:
      return kFlannelMigrations;
    case Kind::Nodes:
      return kube::kNodes;
    case Kind::DaemonSets:
      return kube::kDaemonSets;
    case Kind::IpPools:
      return kIpPools;
    case Kind::FelixConfigurations:
      return kFelixConfigurations;
    case Kind::IpamConfigs:
      return kIpamConfigs;
    case Kind::IpamBlocks:
      return kIpamBlocks;
    case Kind::BlockAffinities:
      return kBlockAffinities;
    case Kind::IpamHandles:
      return kIpamHandles;
    case Kind::ClusterInformations:
      return kClusterInformations;
    case Kind::AgentPods:
      return kube::kPods;
  }
  return kube::kNodes;
}

std::string name_of(Kind kind) {
  if (kind == Kind::AgentPods) return "the agent's pods";
  return std::string(resource_of(kind).plural);
}

std::vector<Kind> all_kinds() {
  return {Kind::FlannelMigrations,
          Kind::Nodes,
          Kind::DaemonSets,
          Kind::IpPools,
          Kind::FelixConfigurations,
          Kind::IpamConfigs,
          Kind::IpamBlocks,
          Kind::BlockAffinities,
          Kind::IpamHandles,
          Kind::ClusterInformations,
          Kind::AgentPods};
}

}  // namespace controller
