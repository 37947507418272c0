// What the scheduler is told of a node's network: the condition NetworkUnavailable, and its taint.
#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

void say_unavailable(FakeCluster& cluster, const std::string& name, std::string_view reason) {
  cluster.edit_node(name, [&](auto& node) { node.network_unavailable = std::string(reason); });
}

bool any_tainted(const FakeCluster& cluster) {
  const auto& nodes = cluster.world.state.nodes;
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const auto& entry) { return entry.second.node.network_taint; });
}

const api::NodeProgress* progress_of(const Driver& driver, const std::string& name) {
  for (const auto& node : driver.status().active) {
    if (node.name == name) return &node;
  }
  return nullptr;
}

bool between(const FakeCluster& cluster, const std::string& name) {
  const auto* label = node(cluster, name).meta.label(api::kNetworkLabel);
  return label != nullptr && *label == "none";
}

}  // namespace

TEST_CASE("after a revert every node takes pods, whether or not flannel tells of its network") {
  FakeCluster cluster(GENERATE(a_flannel_cluster(nodes(3)), a_flannel_cluster(nodes(3), canal())));
  cluster.world.flannel_tells_network = GENERATE(false, true);
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  to_flannel(cluster);
  expect_end(driver, api::Phase::Reverted);
  CHECK_FALSE(any_tainted(cluster));
}

TEST_CASE("a node that is turned round takes pods again") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.world.faults.calico_never_ready = {"w001"};
  cluster.create(a_migration([](auto& spec) { spec.rollout.retries = 0; }));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().nodes.failed == 1);
  CHECK_FALSE(any_tainted(cluster));
}

TEST_CASE("a node of which Calico is said to be down once it is back on flannel takes pods again") {
  for (int steps = 0; steps < 60; steps += FM_STRIDE) {
    CAPTURE(steps);
    FakeCluster cluster(a_flannel_cluster(nodes(2)));
    cluster.create(a_migration());
    Driver driver(cluster);
    begin(cluster, driver, api::Target::Flannel);
    for (int i = 0; i < steps; ++i) driver.step();
    const bool served = !node(cluster, "w001").unschedulable && !between(cluster, "w001");
    if (!served) continue;
    say_unavailable(cluster, "w001", api::kCalicoIsDown);
    driver.rules.pods_may_break = true;  // for as long as it takes to see it
    expect_end(driver, api::Phase::Reverted);
    CHECK_FALSE(any_tainted(cluster));
  }
}

TEST_CASE("a node without network for another reason is not done, and its message says why") {
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  begin(cluster, driver, wanted);
  driver.step();
  driver.run_until([&cluster] { return between(cluster, "w001"); });
  cluster.world.no_route = {"w001"};
  for (int i = 0; i < 60; ++i) driver.step();
  CHECK(node(cluster, "w001").unschedulable);
  const auto* progress = progress_of(driver, "w001");
  REQUIRE(progress != nullptr);
  CHECK(progress->message ==
        "waiting until the node takes pods: condition NetworkUnavailable is True (NoRouteCreated), "
        "taint node.kubernetes.io/network-unavailable is there");
  cluster.world.no_route.clear();
  cluster.edit_node("w001", [](auto& node) { node.network_unavailable.reset(); });
  expect_end(driver, wanted == api::Target::Calico ? api::Phase::Completed : api::Phase::Reverted);
}

TEST_CASE("a node that takes no pods for its network's sake is not begun towards Calico") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.world.no_route = {"w001"};
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  CHECK(driver.status().nodes.calico == 1);
  CHECK(driver.status().message.find("node w001 takes no pods") == 0);
  cluster.world.no_route.clear();
  cluster.edit_node("w001", [](auto& node) { node.network_unavailable.reset(); });
  expect_migrated(driver);
}

TEST_CASE("what an earlier revert has left of Calico's condition is put right") {
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  say_unavailable(cluster, "w001", api::kCalicoIsDown);
  cluster.settle();
  cluster.create(a_migration(target(wanted)));
  Driver driver(cluster);
  driver.rules.pods_may_break = wanted == api::Target::Flannel;
  expect_end(driver, wanted == api::Target::Calico ? api::Phase::Completed : api::Phase::Reverted);
  CHECK_FALSE(any_tainted(cluster));
}

TEST_CASE("somebody else's condition is not written") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  begin(cluster, driver, api::Target::Flannel);
  cluster.world.no_route = {"w001"};
  driver.run();
  CHECK(node(cluster, "w001").network_unavailable == "NoRouteCreated");
  CHECK(driver.phase() != api::Phase::Reverted);
}
