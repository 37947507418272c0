#include "calico/names.h"
#include "scenario/expect.h"
#include "scenario/kubelet.h"

#include <algorithm>
#include <map>
#include <string>

using namespace build;
using namespace scenario;

namespace {

FakeCluster old_cluster(std::uint64_t next_v6) {
  return FakeCluster(a_flannel_cluster(nodes(3), dual_stack()), next_v6);
}

std::size_t blocks_of_node(const FakeCluster& cluster, const std::string& node) {
  std::size_t count = 0;
  for (const auto& [cidr, block] : cluster.world.state.blocks)
    count += block.affinity == calico::host_affinity(node) ? 1 : 0;
  return count;
}

// Blocks that each node has had: after the end Calico collects the empty ones.
class MostBlocks {
 public:
  MostBlocks(const FakeCluster& cluster, Driver& driver) : cluster_(cluster) {
    driver.before = [this](int) { count(); };
  }

  void count() {
    for (const auto& [name, node] : cluster_.world.state.nodes)
      most_[name] = std::max(most_[name], blocks_of_node(cluster_, name));
  }
  std::size_t of(const std::string& node) const { return most_.at(node); }

 private:
  const FakeCluster& cluster_;
  std::map<std::string, std::size_t> most_;
};

bool replace_log_agent(World& world, const std::string& node) {
  for (const auto& [uid, pod] : world.pods(node)) {
    if (pod.meta.controller()->name != "log-agent" || !pod.ready) continue;
    terminate(world, node, uid);
    return true;
  }
  return false;
}

}  // namespace

TEST_CASE("pods far up in their node's IPv6 pod CIDR are in a block before any node moves") {
  const auto next_v6 = GENERATE(190u, 250u, 70'000u);
  const auto method_used = GENERATE(api::Method::HandOver, api::Method::Drain);
  CAPTURE(next_v6);
  auto cluster = old_cluster(next_v6);
  const auto before = cluster.picture();
  cluster.create(a_migration(method(method_used)));
  Driver driver(cluster);
  driver.rules.agents_may_cut = method_used == api::Method::Drain;
  MostBlocks most(cluster, driver);
  expect_migrated(driver);
  CHECK_FALSE(driver.last().all_pods);
  CHECK(most.of("w001") > 8);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("new pods of nodes that are still on flannel get further blocks meanwhile") {
  auto cluster = old_cluster(1'000);
  cluster.create(a_migration([](auto& spec) { spec.rollout.soak = base::Duration(600'000); }));
  Driver driver(cluster);
  int replaced = 0;
  MostBlocks most(cluster, driver);
  driver.before = [&](int) {
    most.count();
    auto& host = cluster.world.hosts.at("w003");
    if (host.cni != migration::Network::Flannel || replaced == 40) return;
    host.next_v6 += 20;  // short-lived pods
    replaced += replace_log_agent(cluster.world, "w003") ? 1 : 0;
  };
  expect_migrated(driver);
  CHECK(most.of("w003") > most.of("w001"));
}

TEST_CASE("a revert from any step leaves no block of far pods") {
  auto cluster = old_cluster(5'000);
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  const int at_step = GENERATE(8, 16, 24, 32, 40);
  driver.before = [&](int step) {
    if (step == at_step) to_flannel(cluster);
  };
  expect_reverted(cluster, driver, before);
}

TEST_CASE("the process may end after every action while far pods are looked after") {
  auto cluster = old_cluster(250);
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.restart_after_each = true;
  driver.limit = 20'000;
  expect_migrated(driver);
}

TEST_CASE("a far address that only the agent has seen gets its block before Calico starts") {
  FakeCluster cluster(a_flannel_cluster(nodes(1), dual_stack()), 5'000);
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.see = [&cluster](const auto& tracked) {
    auto seen = cluster.observe(tracked);
    seen.far_pods->clear();
    auto& pods = seen.nodes.at("w001").pods;
    if (!pods) return seen;
    for (auto& [uid, pod] : *pods) pod.ips.clear();
    return seen;
  };
  driver.run_until(
      [&cluster] { return cluster.world.hosts.at("w001").cni == migration::Network::Calico; });
  driver.step();
  CHECK(blocks_of_node(cluster, "w001") == 10);
}
