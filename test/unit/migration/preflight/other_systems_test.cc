#include "migration/facts/left_alone.h"
#include "unit/migration/findings.h"

using namespace migration;
using namespace build;

namespace {

void add_windows_node(ClusterState& cluster, const NodeChange& flannel) {
  auto& node = cluster.nodes["win"].node;
  node = a_node("win", with_pod_cidr("10.244.77.0/24"), with_label("kubernetes.io/os", "windows"),
                flannel);
  node.os = "windows";
}

}  // namespace

TEST_CASE("a Windows node on flannel is left alone, told of, and recorded for Calico") {
  auto cluster = a_flannel_cluster(nodes(2));
  add_windows_node(cluster, with_flannel("0a:00:00:00:00:77", "192.168.0.77"));
  const Surveyed seen(cluster);
  REQUIRE(seen.survey.left_alone.size() == 1);
  CHECK(seen.survey.left_alone[0].left_alone == "runs windows");
  CHECK(seen.survey.nodes.size() == 2);
  CHECK(recorded_nodes(seen.survey).size() == 3);
  const auto findings = run_preflight(seen.survey);
  CHECK_FALSE(blocks(findings));
  expect_finding(findings, {"NodeOperatingSystem", api::Severity::Warn, "win (windows)",
                            "Calico for Windows"});
  CHECK_THAT(find(findings, "NodesLeftAlone")->observed, Catch::Contains("win (runs windows"));
}

TEST_CASE("a Windows node that flannel does not serve is in no count") {
  auto cluster = a_flannel_cluster(nodes(2));
  add_windows_node(cluster, without_flannel());
  const Surveyed seen(cluster);
  CHECK(seen.survey.left_alone.empty());
  CHECK(seen.survey.other_nodes == 1);
  CHECK(run_preflight(seen.survey).empty());
}
