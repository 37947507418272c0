// What is kept of each pod of the cluster, where the planner asks for all of them
// (migration::Plan::all_pods): next to nothing of most.
#pragma once

#include "migration/model/cluster_state.h"

#include <optional>
#include <string>

namespace controller {

struct PodSummary {
  std::string uid;
  std::string node;
  std::string version;
  // A finished pod's too: it tells how far host-local has come.
  std::optional<net::IpAddress> ipv6;
  std::optional<migration::LonePod> lone;
  std::optional<migration::DaemonPod> daemon;

  bool any() const { return ipv6 || lone || daemon; }
};

PodSummary facts_of(const api::Pod& pod);

}  // namespace controller
