// A revert after Calico could claim blocks unasked: pods have addresses that are not of their
// node's pod CIDR, and blocks lie in those of other nodes.
#include "calico/names.h"
#include "scenario/expect.h"
#include "scenario/stray_blocks.h"

using namespace build;
using namespace scenario;

namespace {

net::Cidr cidr(const char* text) { return *net::Cidr::parse(text); }

const net::Cidr kOfNode1 = cidr("10.244.1.128/26");
const net::Cidr kOfNode2 = cidr("10.244.2.192/26");
const net::Cidr kOfNobody = cidr("10.244.200.64/26");

struct Scene {
  FakeCluster cluster{a_flannel_cluster(nodes(3))};
  Picture before = cluster.picture();
  Driver driver{cluster};

  // After a while on Calico.
  Scene() {
    cluster.create(a_migration());
    expect_migrated(driver);
    stray("w001", kOfNode2);
    stray("w002", kOfNode1);
    stray("w003", kOfNobody);
  }

  void stray(const std::string& node, const net::Cidr& block) {
    claim(cluster.world, node, block);
    fill(cluster.world, node, block);
  }
};

std::vector<std::string> pods_of(const FakeCluster& cluster, const std::string& workload) {
  std::vector<std::string> uids;
  for (const auto& [name, node] : cluster.world.state.nodes) {
    for (const auto& [uid, pod] : *node.pods) {
      if (pod.meta.controller() != nullptr && pod.meta.controller()->name == workload)
        uids.push_back(uid);
    }
  }
  return uids;
}

}  // namespace

TEST_CASE("pods with addresses of no pod CIDR of their node move before any node does") {
  Scene scene;
  to_flannel(scene.cluster);
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("the process may end after every action while such pods are moved") {
  Scene scene;
  scene.driver.restart_after_each = true;
  to_flannel(scene.cluster);
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("an address that a node borrowed of another one's block is given back first") {
  Scene scene;
  const auto home = cidr("10.244.2.0/26");
  fill(scene.cluster.world, "w001", home);
  REQUIRE_FALSE(scene.cluster.world.state.blocks.at(home).borrowed.empty());
  to_flannel(scene.cluster);
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("a block without affinity goes with its last address") {
  Scene scene;
  auto& state = scene.cluster.world.state;
  auto& block = state.blocks.at(kOfNode2);
  block.affinity.clear();
  for (const auto& [ordinal, handle] : block.allocated)
    block.borrowed.emplace_back(ordinal, "w001");
  state.affinities.erase(calico::affinity_name("w001", kOfNode2));
  to_flannel(scene.cluster);
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("no pod is replaced for a block that nobody uses") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  claim(cluster.world, "w001", kOfNode2);
  const auto before = pods_of(cluster, "web");
  const auto version = cluster.world.state.blocks.at(kOfNode2).meta.resource_version;
  driver.done = [&version](const migration::Action& action) {
    // Only as it was seen: somebody may use it by now.
    const auto* deletion = std::get_if<migration::DeleteBlock>(&action);
    if (deletion != nullptr) CHECK(deletion->resource_version == version);
  };
  to_flannel(cluster);
  driver.run_until([&] { return anything_cordoned(cluster); });
  CHECK(cluster.world.state.blocks.at(kOfNode2).affinity == "host:w002");
  CHECK(pods_of(cluster, "web") == before);
}

TEST_CASE("a target that flips while such pods are moved") {
  const int steps = GENERATE(range(1, 12));
  CAPTURE(steps);
  Scene scene;
  to_flannel(scene.cluster);
  for (int i = 0; i < steps; ++i) scene.driver.step();
  to_calico(scene.cluster);
  expect_migrated(scene.driver);
  to_flannel(scene.cluster);
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("a budget that holds such a pod holds the revert, for the time allowed") {
  const auto policy = GENERATE(api::OnTimeout::Pause, api::OnTimeout::Force);
  Scene scene;
  scene.cluster.world.faults.budget_blocks = {"web"};
  scene.cluster.change_spec([policy](auto& spec) { spec.drain.on_timeout = policy; });
  to_flannel(scene.cluster);
  scene.driver.run_for(base::Duration(300'000));
  CHECK(scene.driver.phase() == api::Phase::Reverting);
  CHECK_FALSE(anything_cordoned(scene.cluster));
  const auto& message = scene.driver.status().message;
  INFO(message);
  CHECK(message.find("moving pods of node w00") != std::string::npos);
  CHECK(message.find("budget web") != std::string::npos);
  scene.driver.run_for(base::Duration(900'000));
  if (policy == api::OnTimeout::Pause) CHECK(scene.driver.phase() == api::Phase::Blocked);
  scene.cluster.world.faults.budget_blocks.clear();
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("with onTimeout Skip a pod that a budget holds is left behind, with its address") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  const auto before = cluster.picture();
  cluster.create(a_migration([](auto& spec) { spec.drain.on_timeout = api::OnTimeout::Skip; }));
  Driver driver(cluster);
  expect_migrated(driver);
  claim(cluster.world, "w001", kOfNobody);
  fill(cluster.world, "w001", kOfNobody);
  cluster.world.faults.budget_blocks = {"web"};
  to_flannel(cluster);
  driver.run_for(base::Duration(300'000));
  CHECK_FALSE(anything_cordoned(cluster));
  driver.check_rules = false;  // others do not find it
  driver.run_for(base::Duration(3'600'000));
  CHECK(driver.status().nodes.flannel == 3);
  CHECK(cluster.world.state.blocks.contains(kOfNobody));
  cluster.world.faults.budget_blocks.clear();
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a node keeps such a block until it has one of its own") {
  Scene scene;
  auto& affinities = scene.cluster.world.state.affinities;
  const auto own = calico::affinity_name("w001", cidr("10.244.1.0/26"));
  std::erase_if(affinities,
                [](const auto& entry) { return entry.first.starts_with("w001-10-244-1-"); });
  int refused = 0;
  scene.driver.fail = [&](int, const migration::Action& action) {
    const auto* create = std::get_if<migration::CreateAffinity>(&action);
    const bool first = create != nullptr && create->node == "w001" && ++refused < 5;
    return first ? Failure::Lost : Failure::None;
  };
  scene.driver.before = [&](int) {
    const bool moved = scene.driver.status().nodes.calico < 3;
    if (moved || affinities.contains(own)) return;
    CHECK(affinities.contains(calico::affinity_name("w001", kOfNode2)));
  };
  to_flannel(scene.cluster);
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("a pod that only a person may end blocks the revert at once") {
  Scene scene;
  for (auto& [uid, pod] : scene.cluster.world.pods("w003")) {
    if (!pod.host_network) pod.mirror = true;
  }
  to_flannel(scene.cluster);
  scene.driver.run();
  CHECK(scene.driver.phase() == api::Phase::Blocked);
  CHECK(scene.driver.status().message.find("static pod") != std::string::npos);
  CHECK_FALSE(anything_cordoned(scene.cluster));
  for (auto& [uid, pod] : scene.cluster.world.pods("w003")) pod.mirror = false;
  expect_reverted(scene.cluster, scene.driver, scene.before);
}

TEST_CASE("as many nodes at a time as may be unavailable get their pods replaced") {
  Scene scene;
  scene.cluster.world.faults.budget_blocks = {"web", "log-agent"};
  to_flannel(scene.cluster);
  scene.driver.run_for(base::Duration(20'000));
  CHECK(scene.driver.last().track == std::set<std::string>{"w001"});
}
