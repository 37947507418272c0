#include "migration/facts/node_reports.h"

#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;
using api::AgentOperation;

namespace {

void report(ClusterState& cluster, const std::string& node, AgentOperation operation, int env,
            int device) {
  api::AgentTask task;
  task.operation = operation;
  task.node = node;
  api::AgentReport report;
  report.operation = operation;
  report.node = node;
  report.result = api::AgentResult::Refused;
  if (env != 0) report.subnet_env = {{"FLANNEL_MTU", std::to_string(env)}};
  if (device != 0) report.tunnel_mtu = device;
  auto pod = a_finished_agent(task, report, start_time());
  cluster.nodes.at(node).agents[pod.meta.name] = pod;
}

SettingSources read(const ClusterState& cluster) {
  SettingSources sources;
  read_reports(cluster, sources);
  return sources;
}

}  // namespace

TEST_CASE(
    "of several nodes' MTUs the smallest counts, whether a preflight or a hand-over tells it") {
  const auto operation = GENERATE(AgentOperation::Preflight, AgentOperation::HandOver);
  auto cluster = a_flannel_cluster(nodes(3));
  report(cluster, "w001", AgentOperation::Preflight, 1450, 1450);
  report(cluster, "w002", operation, 0, 1400);
  report(cluster, "w003", AgentOperation::Preflight, 1450, 0);
  const auto sources = read(cluster);
  CHECK(sources.tunnel_mtu == 1400);
  CHECK(sources.tunnel_mtu_source == "flannel's device on node w002");
  CHECK_FALSE(sources.subnet_env);
}

TEST_CASE("an MTU that no tunnel can have is not believed") {
  auto cluster = a_flannel_cluster(nodes(2));
  report(cluster, "w001", AgentOperation::Preflight, 68, 1229);
  report(cluster, "w002", AgentOperation::Verify, 1300, 1300);
  CHECK_FALSE(read(cluster).tunnel_mtu);
  CHECK_FALSE(read(cluster).subnet_env);
}
