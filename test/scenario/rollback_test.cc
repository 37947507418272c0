#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;
using api::AgentOperation;

namespace {

// Nothing is tried again, and the first node that is moved fails.
void create_failing(FakeCluster& cluster) {
  cluster.world.faults.agents = {{"w001", AgentOperation::Verify, api::AgentResult::Failed}};
  cluster.create(a_migration([](auto& spec) { spec.rollout.retries = 0; }));
}

bool goes_back(const FakeCluster& cluster, const std::string& name) {
  const auto journal = journal_of(node(cluster, name));
  return journal && journal->rolling_back;
}

std::set<std::string> pods_on_flannel(const FakeCluster& cluster, const std::string& name) {
  std::set<std::string> names;
  for (const auto* pod : living_on(cluster.world, name, migration::Network::Flannel))
    names.insert(pod->meta.name);
  return names;
}

}  // namespace

TEST_CASE("no further node starts when one goes back from its last attempt") {
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  create_failing(cluster);
  Driver driver(cluster);
  driver.step();
  driver.run_until([&cluster] { return goes_back(cluster, "w001"); });
  driver.step();
  CHECK(driver.phase() == api::Phase::Blocked);
  REQUIRE(driver.status().failed.size() == 1);
  CHECK(driver.status().failed.front().message.find("Verify") != std::string::npos);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().nodes.flannel == 4);
  for (const auto* name : {"w002", "w003", "w004"})
    CHECK(node(cluster, name).meta.annotation(api::kStateAnnotation) == nullptr);
}

TEST_CASE("a node that goes back keeps its pods") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  create_failing(cluster);
  Driver driver(cluster);
  driver.step();
  const auto before = pods_on_flannel(cluster, "w001");
  REQUIRE(before.size() >= 2);
  driver.run();
  CHECK(driver.status().failed.size() == 1);
  CHECK(pods_on_flannel(cluster, "w001") == before);
}

TEST_CASE("a node that is turned round half-way keeps its pods") {
  FakeCluster cluster(a_flannel_cluster(nodes(1)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  const auto before = pods_on_flannel(cluster, "w001");
  driver.run_until(
      [&cluster] { return cluster.world.hosts.at("w001").cni == migration::Network::Calico; });
  to_flannel(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Reverted);
  CHECK(pods_on_flannel(cluster, "w001") == before);
}

TEST_CASE("a node that has no network of either kind is not in service, until it has") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.world.faults.agents = {
      {"w001", AgentOperation::Verify, api::AgentResult::Failed, {}, 100'000}};
  cluster.create(a_migration([](auto& spec) { spec.rollout.retries = 0; }));
  Driver driver(cluster);
  driver.run_for(base::Duration(600'000));
  CHECK(node(cluster, "w001").unschedulable);
  CHECK(driver.phase() == api::Phase::Blocked);
  cluster.world.faults.agents.clear();
  driver.run();
  CHECK_FALSE(node(cluster, "w001").unschedulable);
  CHECK(driver.phase() == api::Phase::Blocked);
  retry(cluster, "w001");
  expect_migrated(driver);
}

TEST_CASE("another try that is asked for while the node still goes back is had") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  create_failing(cluster);
  Driver driver(cluster);
  driver.step();
  driver.run_until([&cluster] { return goes_back(cluster, "w001"); });
  retry(cluster, "w001");
  expect_migrated(driver);
}
