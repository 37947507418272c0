// The few facts that are kept of each pod of the cluster, when the planner asks for all pods
// (migration::Plan::all_pods): for most pods next to nothing.
#pragma once

#include "migration/model/cluster_state.h"

#include <optional>
#include <string>

namespace controller {

struct PodSummary {
  std::string uid;
  std::string node;
  std::string version;
  // The address of a finished pod, too: it shows how far host-local has come.
  std::optional<net::IpAddress> ipv6;
  std::optional<migration::LonePod> lone;
  std::optional<migration::DaemonPod> daemon;

  bool any() const { return ipv6 || lone || daemon; }
};

PodSummary facts_of(const api::Pod& pod);

}  // namespace controller
