// A node that is prepared for Calico, and what its IPAM objects lack.
#pragma once

#include "api/names.h"
#include "calico/names.h"
#include "migration/ipam/node_ipam.h"
#include "unit/migration/surveyed.h"

#include <string>
#include <vector>

namespace build {

inline std::vector<std::string> texts(const std::vector<migration::Action>& actions) {
  std::vector<std::string> all;
  for (const auto& action : actions) all.push_back(to_string(action));
  return all;
}

// w1 with all that Calico needs of it.
inline migration::ClusterState prepared(
    migration::ClusterState cluster = a_cluster_of(on_network(migration::Network::Flannel))) {
  const auto handle = calico::tunnel_handle("w1", net::Family::V4);
  for (const auto* text :
       {"10.244.1.0/26", "10.244.1.64/26", "10.244.1.128/26", "10.244.1.192/26"}) {
    cluster.blocks[cidr(text)] = a_block("w1", text);
    const auto affinity = an_affinity("w1", text);
    cluster.affinities[affinity.meta.name] = affinity;
  }
  cluster.blocks[cidr("10.244.1.0/26")].allocated[0] = handle;
  cluster.handles[handle] = {{}, handle, {{"10.244.1.0/26", 1}}, false};
  const auto reservation = calico::reservation_handle("w1");
  for (const auto* text : {"10.244.1.64/26", "10.244.1.128/26", "10.244.1.192/26"}) {
    cluster.blocks[cidr(text)].allocated[63] = reservation;
    cluster.handles[reservation].blocks[text] = 1;
  }
  cluster.handles[reservation].handle_id = reservation;
  auto& annotations = cluster.nodes.at("w1").node.meta.annotations;
  annotations[std::string(api::kCalicoIpv4Address)] = "192.168.0.1/24";
  annotations[std::string(api::kCalicoVxlanAddress)] = "10.244.1.0";
  annotations[std::string(api::kCalicoVxlanMac)] = "0a:00:00:00:00:01";
  return cluster;
}

inline migration::NodeIpam examine(const Surveyed& seen) {
  return examine_ipam(seen.survey, seen.node("w1"), migration::Network::Calico);
}

}  // namespace build
