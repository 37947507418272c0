// What most scenarios end with.
#pragma once

#include "api/names.h"
#include "scenario/driver.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

namespace scenario {

// Runs to the end, which must be that phase, and a second look plans nothing.
inline void expect_end(Driver& driver, api::Phase phase) {
  driver.run();
  CAPTURE(driver.status().message);
  CHECK(api::to_string(driver.phase()) == api::to_string(phase));
  CHECK_FALSE(driver.step());
  CHECK(driver.last().tasks.empty());
}

inline void expect_migrated(Driver& driver) { expect_end(driver, api::Phase::Completed); }

// Every object is again as in `before`.
inline void expect_reverted(FakeCluster& cluster, Driver& driver, const Picture& before) {
  expect_end(driver, api::Phase::Reverted);
  const auto after = cluster.picture();
  INFO(differences(before, after));
  CHECK(before == after);
}

inline bool anything_cordoned(const FakeCluster& cluster) {
  const auto& nodes = cluster.world.state.nodes;
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const auto& entry) { return entry.second.node.unschedulable; });
}

inline const api::Node& node(const FakeCluster& cluster, const std::string& name) {
  return cluster.world.state.nodes.at(name).node;
}

// Names in the order in which nodes are taken out of service from now on.
inline void watch_order(Driver& driver, std::vector<std::string>& order) {
  driver.done = [&order](const migration::Action& action) {
    const auto* patch = std::get_if<migration::PatchNode>(&action);
    if (patch != nullptr && patch->reason == "Cordon") order.push_back(patch->node);
  };
}

inline void retry(FakeCluster& cluster, const std::string& name) {
  cluster.edit_node(name, build::with_annotation(api::kRetryAnnotation, "true"));
}

inline void to(FakeCluster& cluster, api::Target wanted) {
  cluster.change_spec(build::target(wanted));
}
inline void to_flannel(FakeCluster& cluster) { to(cluster, api::Target::Flannel); }
// On the way back every node has been moved before.
inline void begin(FakeCluster& cluster, Driver& driver, api::Target wanted) {
  if (wanted == api::Target::Calico) return;
  driver.run();
  to_flannel(cluster);
}
inline void to_calico(FakeCluster& cluster) { to(cluster, api::Target::Calico); }

}  // namespace scenario
