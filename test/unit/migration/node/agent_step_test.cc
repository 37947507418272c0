#include "migration/node/agent_step.h"

#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

constexpr api::AgentOperation kEarlier = api::AgentOperation::HandOver;
constexpr int kMtu = 1450;
constexpr api::AgentOperation kWanted = api::AgentOperation::HandBack;

// An agent of an earlier step that is still at work on w1, made at the start of time with two
// minutes to live.
api::Pod an_agent_at_work() {
  api::AgentTask task;
  task.operation = kEarlier;
  task.node = "w1";
  task.run = 1;
  auto pod = a_starting_agent(task, start_time());
  pod.phase = "Running";
  pod.active_deadline = std::chrono::minutes(2);
  return pod;
}

struct Step {
  AgentOutcome outcome;
  std::vector<Task> tasks;
};

// What a step makes of it that needs an agent on w1.
Step step_beside(const api::Pod& pod, base::Duration later, api::AgentOperation operation,
                 std::uint64_t run) {
  auto cluster = a_cluster_of();
  cluster.nodes.at("w1").agents[pod.meta.name] = pod;
  auto migration = a_migration();
  migration.spec->flannel.mtu = kMtu;
  migration.spec->agent.timeout = std::chrono::seconds(30);  // it was longer when the pod was made
  const Surveyed seen(cluster, migration, start_time() + later);
  PlanBuilder builder(seen.survey);
  const auto& node = seen.node("w1");
  auto outcome = run_agent(builder, node, agent_task(seen.survey, node, operation, run));
  outcome.pod = nullptr;  // the cluster ends with this function
  return {std::move(outcome), std::move(builder).take().tasks};
}

}  // namespace

TEST_CASE("an agent is started when the one of an earlier step has ended, and not before") {
  auto earlier = an_agent_at_work();
  // Two minutes of its own, and 30 s in which its kubelet should have ended it.
  const auto early = step_beside(earlier, std::chrono::seconds(149), kWanted, 2);
  CHECK(early.outcome.message == "waiting for agent pod agent-handover-w1-1 to end");
  CHECK(early.tasks.empty());
  const auto late = step_beside(earlier, std::chrono::seconds(150), kWanted, 2);
  CHECK(late.outcome.state == AgentOutcome::State::Waiting);
  REQUIRE(late.tasks.size() == 1);
  CHECK(to_string(late.tasks[0].actions.at(0)) == "DeleteAgents of w1");
  earlier.meta.deleting = start_time();
  const auto asked = step_beside(earlier, std::chrono::hours(1), kWanted, 2);
  CHECK(asked.outcome.state == AgentOutcome::State::Waiting);
  CHECK(asked.tasks.empty());
  earlier.phase = "Failed";
  const auto ended = step_beside(earlier, std::chrono::seconds(1), kWanted, 2);
  REQUIRE(ended.tasks.size() == 1);
  CHECK(std::holds_alternative<RunAgent>(ended.tasks[0].actions.at(0)));
}

TEST_CASE("an agent has the time that its pod says, whatever the object says now") {
  const auto pod = an_agent_at_work();
  const auto early = step_beside(pod, std::chrono::seconds(149), kEarlier, 1);
  CHECK(early.outcome.state == AgentOutcome::State::Waiting);
  const auto late = step_beside(pod, std::chrono::seconds(150), kEarlier, 1);
  CHECK(late.outcome.state == AgentOutcome::State::Failed);
  CHECK(late.outcome.message ==
        "agent pod agent-handover-w1-1 is running, and did not answer within 2m");
}

TEST_CASE("a failure counts as outdated when it was asked with another MTU than the cluster's") {
  api::AgentReport report;
  report.operation = kEarlier;
  report.node = "w1";
  report.run = 1;
  api::AgentTask task;
  task.operation = kEarlier;
  task.node = "w1";
  task.run = 1;
  const auto judge = [&task, &report] {
    return step_beside(a_finished_agent(task, report, start_time()), {}, kEarlier, 1).outcome;
  };
  CHECK_FALSE(judge().outdated);  // an agent of an earlier release
  report.asked_mtu = kMtu;
  CHECK_FALSE(judge().outdated);
  report.asked_mtu = kMtu + 50;
  CHECK(judge().outdated);
  CHECK(judge().state == AgentOutcome::State::Failed);
  report.result = api::AgentResult::Succeeded;
  CHECK_FALSE(judge().outdated);
}

TEST_CASE("agents are told what Felix will do on their node") {
  auto cluster = a_cluster_of();
  cluster.felix = a_felix(R"({"healthPort":9199,"deviceRouteProtocol":80})");
  const Surveyed seen(cluster);
  const auto task = agent_task(seen.survey, seen.node("w1"), api::AgentOperation::HandBack, 1);
  CHECK(task.felix_health_port == 9199);
  CHECK(task.route_protocol == 80);
}

TEST_CASE("agents are told the network of flannel's CNI configuration") {
  auto cluster = a_flannel_cluster(nodes(1), canal());
  cluster.config_maps.at({"kube-system", "canal-config"}).data["cni_network_config"] =
      R"({"name":"k8s-pod-network","plugins":[{"type":"calico","mtu":__CNI_MTU__}]})";
  const Surveyed seen(cluster);
  const auto& node = seen.survey.nodes.front();
  CHECK(agent_task(seen.survey, node, api::AgentOperation::HandBack, 1).lease_network ==
        "k8s-pod-network");
}

TEST_CASE("agents are told the folder of flannel's leases and the node's container runtime") {
  auto cluster = a_flannel_cluster(nodes(1), canal());
  cluster.config_maps.at({"kube-system", "canal-config"}).data["cni_network_config"] =
      R"({"name":"k8s-pod-network","plugins":[{"type":"calico","ipam":{"dataDir":"/x"}}]})";
  for (auto& [name, state] : cluster.nodes) state.node.container_runtime = "cri-o://1.28.1";
  const Surveyed seen(cluster);
  const auto task =
      agent_task(seen.survey, seen.survey.nodes.front(), api::AgentOperation::HandBack, 1);
  CHECK(task.lease_folder == "/x");
  CHECK(task.container_runtime == "cri-o://1.28.1");
}

TEST_CASE("agents are told the sizes of Calico's blocks") {
  const Surveyed seen(a_cluster_of(), a_migration([](api::MigrationSpec& spec) {
                        spec.calico.block_size = 30;
                        spec.calico.ipv6_block_size = 126;
                      }));
  const auto task =
      agent_task(seen.survey, seen.survey.nodes.front(), api::AgentOperation::HandBack, 1);
  CHECK(task.block_size == 30);
  CHECK(task.ipv6_block_size == 126);
}

TEST_CASE("Verify takes as long as verify.timeout lets it, the others as long as agent.timeout") {
  const Surveyed seen(a_cluster_of(), a_migration([](api::MigrationSpec& spec) {
                        spec.verify.timeout = base::Duration(20'000);
                        spec.agent.timeout = base::Duration(60'000);
                      }));
  const auto timeout_of = [&](api::AgentOperation operation) {
    return agent_task(seen.survey, seen.node("w1"), operation, 1).timeout_seconds;
  };
  // Four fifths of it are for the work.
  CHECK(timeout_of(api::AgentOperation::Verify) == 25);
  CHECK(timeout_of(api::AgentOperation::HandOver) == 60);
}
