#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;
using api::AgentOperation;
using api::AgentResult;

namespace {

AgentFault fault(std::string node, AgentOperation operation, int times,
                 AgentResult result = AgentResult::Failed, std::string reason = {}) {
  AgentFault made{std::move(node), operation, result, std::move(reason), times, false, false};
  made.on_calico_only = operation == AgentOperation::Verify;
  return made;
}

AgentFault silent(std::string node, AgentOperation operation) {
  return {std::move(node), operation, AgentResult::Failed, {}, 1, true, false};
}

}  // namespace

TEST_CASE("an agent that fails once is tried again") {
  const auto operation =
      GENERATE(AgentOperation::HandOver, AgentOperation::Verify, AgentOperation::Clean,
               AgentOperation::Finalize, AgentOperation::HandBack);
  CAPTURE(api::to_string(operation));
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.world.faults.agents = {fault("w002", operation, 1)};
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
  CHECK(cluster.world.faults.agents.front().times == 0);
}

TEST_CASE("a preflight agent that fails is asked for on another node") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.agents = {fault("w001", AgentOperation::Preflight, 1)};
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
}

TEST_CASE("without flannel's MTU a person is asked") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.agents = {fault("", AgentOperation::Preflight, 9)};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run_for(base::Duration(60'000));
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("spec.flannel.mtu") != std::string::npos);
  SECTION("who says it") {
    cluster.change_spec([](auto& spec) { spec.flannel.mtu = 1450; });
  }
  SECTION("or the nodes are asked again") {}
  expect_migrated(driver);
}

TEST_CASE("a node that goes on failing is quarantined, on flannel, and holds the rollout") {
  const auto operation = GENERATE(AgentOperation::HandOver, AgentOperation::Verify);
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  cluster.world.faults.agents = {fault("w001", operation, 4)};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.rules.agents_may_cut = false;
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("kubectl annotate node w001 cni-migration.io/retry=true") !=
        std::string::npos);
  CHECK(driver.status().nodes.failed == 1);
  REQUIRE(driver.status().failed.size() == 1);
  CHECK(driver.status().failed.front().attempt == 4);
  CHECK_FALSE(node(cluster, "w001").unschedulable);
  CHECK(living_on(cluster.world, "w001", migration::Network::Flannel).size() >= 1);
  retry(cluster, "w001");
  expect_migrated(driver);
}

TEST_CASE("as many nodes may fail as the user allows") {
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  cluster.world.faults.agents = {fault("w002", AgentOperation::HandOver, 4)};
  cluster.create(a_migration([](auto& spec) { spec.rollout.max_failures = 1; }));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() != api::Phase::Completed);
  CHECK(driver.status().nodes.calico == 3);
  CHECK(driver.status().nodes.failed == 1);
  CHECK(node(cluster, "w002").meta.annotation("flannel.alpha.coreos.com/backend-data") != nullptr);
  retry(cluster, "w002");
  expect_migrated(driver);
}

TEST_CASE("a failed node does not keep a revert back") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.world.faults.agents = {fault("w002", AgentOperation::Verify, 4)};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a device that cannot be handed over makes its node drain") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.agents = {fault("w002", AgentOperation::HandOver, 1, AgentResult::Refused,
                                       std::string(api::kReasonNotHandOverable))};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.rules.agents_may_cut = true;
  std::set<std::string> cut;
  driver.done = [&cut](const migration::Action& action) {
    const auto* run = std::get_if<migration::RunAgent>(&action);
    if (run != nullptr && run->task.operation == AgentOperation::CutOver)
      cut.insert(run->task.node);
  };
  expect_migrated(driver);
  CHECK(cut == std::set<std::string>{"w002"});
}

TEST_CASE(
    "a node whose device is gone on its way back to Calico is cut over, and not left cordoned") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.rules.agents_may_cut = true;
  expect_migrated(driver);
  cluster.world.faults.agents = {
      fault("w002", AgentOperation::HandBack, 1),
      fault("w002", AgentOperation::HandOver, 100'000, AgentResult::Refused,
            std::string(api::kReasonNotHandOverable))};
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a node whose peers answer on neither network is in service again, and told as failed") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  auto silent = fault("w001", AgentOperation::Verify, 100'000, AgentResult::Failed,
                      std::string(api::kReasonPeersSilent));
  silent.on_calico_only = false;
  cluster.world.faults.agents = {silent};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK_FALSE(cluster.world.state.nodes.at("w001").node.unschedulable);
  cluster.world.faults.agents.clear();
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("an agent that never answers is given up") {
  const auto operation = GENERATE(AgentOperation::HandOver, AgentOperation::Verify,
                                  AgentOperation::Clean, AgentOperation::Finalize);
  CAPTURE(api::to_string(operation));
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.world.faults.agents = {silent("w001", operation)};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run_for(base::Duration(150'000));
  cluster.world.faults.agents.clear();
  expect_migrated(driver);
}

TEST_CASE("a calico-node that is never Ready is rolled back, and Calico's pods move") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.world.faults.calico_never_ready = {"w002"};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("w002") != std::string::npos);
  CHECK_FALSE(node(cluster, "w002").unschedulable);
  SECTION("it is mended and tried again") {
    cluster.world.faults.calico_never_ready.clear();
    retry(cluster, "w002");
    expect_migrated(driver);
  }
  SECTION("it is reverted") {
    to_flannel(cluster);
    expect_reverted(cluster, driver, before);
  }
}

TEST_CASE("a flannel that never comes back holds the revert, and goes on when it does") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  to_flannel(cluster);
  cluster.world.faults.flannel_never_ready = {"w002"};
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  cluster.world.faults.flannel_never_ready.clear();
  retry(cluster, "w002");
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a flannel that comes back with another MAC is followed") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.new_mac = {"w002"};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  to_flannel(cluster);
  std::string followed;
  driver.before = [&](int) {
    const auto* mac = node(cluster, "w002").meta.annotation(api::kCalicoVxlanMac);
    if (mac != nullptr) followed = *mac;
  };
  expect_end(driver, api::Phase::Reverted);
  CHECK(followed == "0e:00:00:00:99:01");
}

TEST_CASE("a pod that a budget holds delays its own node only") {
  const auto policy = GENERATE(api::OnTimeout::Pause, api::OnTimeout::Skip, api::OnTimeout::Wait,
                               api::OnTimeout::Force);
  CAPTURE(static_cast<int>(policy));
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.workloads["db"] = {"db", 1, false};
  cluster.settle();
  cluster.world.faults.budget_blocks = {"db"};
  cluster.create(a_migration([policy](auto& spec) {
    spec.drain.on_timeout = policy;
    spec.refresh_max_pending = {1, false};
  }));
  Driver driver(cluster);
  driver.run_for(base::Duration(3'600'000));
  if (policy == api::OnTimeout::Force) {
    CHECK(driver.phase() == api::Phase::Completed);
    return;
  }
  CHECK(driver.status().nodes.calico == 3);
  CHECK(driver.status().message.find("disruption budget") != std::string::npos);
  CHECK(driver.status().message.find("db") != std::string::npos);
  cluster.world.faults.budget_blocks.clear();
  expect_migrated(driver);
}

TEST_CASE("a blocked pod pauses the rollout after the time allowed") {
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  cluster.world.faults.budget_blocks = {"web"};
  cluster.create(a_migration([](auto& spec) { spec.refresh_max_pending = {2, false}; }));
  Driver driver(cluster);
  driver.run_for(base::Duration(1'200'000));
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().nodes.flannel >= 1);
  cluster.world.faults.budget_blocks.clear();
  expect_migrated(driver);
}

TEST_CASE("a drain that a budget blocks puts its node back, or goes past the budget") {
  const auto [policy, retries] = GENERATE(
      table<api::OnTimeout, int>({{api::OnTimeout::Pause, 3}, {api::OnTimeout::Force, 0}}));
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.budget_blocks = {"web"};
  cluster.create(
      a_migration(method(api::Method::Drain), [policy = policy, retries = retries](auto& spec) {
        spec.drain.on_timeout = policy;
        spec.rollout.retries = retries;
      }));
  Driver driver(cluster);
  driver.rules.agents_may_cut = true;
  std::vector<std::string> order;
  watch_order(driver, order);
  driver.run_for(base::Duration(3'600'000));
  if (policy == api::OnTimeout::Force) {
    CHECK(driver.phase() == api::Phase::Completed);
    return;
  }
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK_FALSE(node(cluster, "w001").unschedulable);
  // Neither it again nor others are drained meanwhile.
  CHECK(order == std::vector<std::string>{"w001"});
  cluster.world.faults.budget_blocks.clear();
  retry(cluster, "w001");
  expect_migrated(driver);
}
