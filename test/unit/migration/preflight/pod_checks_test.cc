#include "api/names.h"
#include "migration/preflight/preflight.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

// Two workers and a control-plane node; w001 has a pod that nobody makes again.
ClusterState with_lone_pod(bool is_static, const std::string& node = "w001") {
  auto cluster = a_flannel_cluster(nodes(3), control_planes(1));
  (*cluster.lone_pods)[node]["uid"] = {{"default", "lone"}, is_static};
  return cluster;
}

std::optional<api::Finding> only_finding(const ClusterState& cluster,
                                         const api::FlannelMigration& migration = a_migration()) {
  const auto findings = run_preflight(Surveyed(cluster, migration).survey);
  REQUIRE(findings.size() <= 1);
  return findings.empty() ? std::nullopt : std::optional(findings.front());
}

}  // namespace

TEST_CASE("a pod without a controller is told of before it is lost") {
  const auto finding = only_finding(with_lone_pod(false)).value();
  CHECK(finding.id == "UnmanagedPods");
  CHECK(finding.severity == api::Severity::Warn);
  CHECK(finding.observed == "pods without a controller: default/lone");
  CHECK_THAT(finding.fix, Catch::Contains("gone for good"));
}

TEST_CASE("a pod without a controller that is kept waits for a person") {
  auto migration = a_migration();
  migration.spec->drain.unmanaged_pods = api::UnmanagedPods::Keep;
  const auto finding = only_finding(with_lone_pod(false), migration).value();
  CHECK(finding.id == "UnmanagedPods");
  CHECK_THAT(finding.fix, Catch::Contains("until you delete it"));
}

TEST_CASE("a static pod on the pod network is told of") {
  const auto finding = only_finding(with_lone_pod(true)).value();
  CHECK(finding.id == "StaticPods");
  CHECK(finding.observed == "static pods on the pod network: default/lone");
  CHECK_THAT(finding.fix, Catch::Contains("manifest"));
}

TEST_CASE("pods of nodes that stay, that have moved, and that do not exist are not told of") {
  auto migration = a_migration();
  migration.spec->rollout.node_selector = {{"kubernetes.io/hostname", "w001"}};
  CHECK_FALSE(only_finding(with_lone_pod(false, "cp1"), migration));
  CHECK_FALSE(only_finding(with_lone_pod(false, "gone")));
  auto cluster = with_lone_pod(false);
  auto& node = cluster.nodes.at("w001").node;
  on_network(Network::Calico)(node);
  CHECK_FALSE(only_finding(cluster));
  with_label(api::kInProgressLabel, "true")(node);
  CHECK(only_finding(cluster));
}

TEST_CASE("advice about pods stays while nodes are moved, either way") {
  const auto way = GENERATE(api::Target::Calico, api::Target::Flannel);
  auto cluster = with_lone_pod(true);
  if (way == api::Target::Flannel) on_network(Network::Calico)(cluster.nodes.at("w001").node);
  const auto findings = run_guards(Surveyed(cluster, a_migration(target(way))).survey);
  REQUIRE(findings.size() == 1);
  CHECK(findings.front().id == "StaticPods");
}
