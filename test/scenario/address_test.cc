// Addresses of nodes that have few, and blocks that Calico's garbage collection would take.
#include "api/names.h"
#include "calico/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

// One node with a pod CIDR of 64 addresses, and so many pods that only it may run.
FakeCluster a_full_cluster(int pods) {
  auto state = a_flannel_cluster(nodes(1));
  state.nodes.at("w001").node.pod_cidrs = {cidr("10.244.1.0/26")};
  FakeCluster cluster(state);
  cluster.world.workloads.clear();
  for (int i = 0; i < pods; ++i) {
    const auto name = "agent-" + std::to_string(i);
    cluster.world.workloads[name] = {name, 0, true};
  }
  cluster.settle();
  return cluster;
}

std::size_t blocks_of(const FakeCluster& cluster, const std::string& name) {
  const auto& blocks = cluster.world.state.blocks;
  return static_cast<std::size_t>(std::count_if(
      blocks.begin(), blocks.end(),
      [&name](const auto& block) { return block.second.affinity == calico::host_affinity(name); }));
}

bool is_refreshing(const FakeCluster& cluster, const std::string& name) {
  const auto journal = journal_of(node(cluster, name));
  return journal && journal->step == migration::Step::Refresh;
}

// Of the agent that frees leases.
void count_looks(Driver& driver, int& looks) {
  driver.done = [&looks](const migration::Action& action) {
    const auto* run = std::get_if<migration::RunAgent>(&action);
    looks += run != nullptr && run->task.operation == api::AgentOperation::FreeLeases ? 1 : 0;
  };
}

bool is_done(const FakeCluster& cluster, const std::string& name) {
  const auto journal = journal_of(node(cluster, name));
  return journal && journal->step == migration::Step::Done;
}

}  // namespace

TEST_CASE("a node with fewer free addresses than pods gets all of them replaced, one at a time") {
  auto cluster = a_full_cluster(40);
  cluster.world.faults.budget_wants_all = true;
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.limit = 4'000;
  int releases = 0;
  driver.done = [&releases](const migration::Action& action) {
    releases += std::holds_alternative<migration::ReleaseReservation>(action) ? 1 : 0;
  };
  expect_migrated(driver);
  CHECK(releases > 1);
  CHECK(releases < 40);
}

TEST_CASE(
    "on the way back the agent frees addresses of replaced pods where one waits for its own") {
  auto cluster = a_full_cluster(50);
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.limit = 4'000;
  driver.run();
  cluster.world.faults.budget_wants_all = true;
  int looks = 0;
  count_looks(driver, looks);
  to_flannel(cluster);
  expect_end(driver, api::Phase::Reverted);
  CHECK(looks > 1);
  CHECK(looks < 10);
  CHECK(cluster.world.hosts.at("w001").leases.size() == 50);
}

TEST_CASE("with enough free addresses on the way back no agent looks at leases") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  int looks = 0;
  count_looks(driver, looks);
  to_flannel(cluster);
  expect_end(driver, api::Phase::Reverted);
  CHECK(looks == 0);
}

TEST_CASE("leases are looked at less and less often for a pod that waits for something else") {
  FakeCluster cluster(a_flannel_cluster(nodes(1)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  cluster.world.faults.budget_blocks = {"web"};
  cluster.world.workloads["stuck"] = {"stuck", 1, false};
  cluster.world.faults.never_start = {"stuck"};
  int looks = 0;
  count_looks(driver, looks);
  to_flannel(cluster);
  driver.run_until([&cluster] { return is_refreshing(cluster, "w001"); });
  const auto since = journal_of(node(cluster, "w001"))->since;
  driver.run_for(base::Duration(3'600'000));
  CHECK(looks > 5);
  CHECK(looks < 20);
  CHECK(cluster.world.state.nodes.at("w001").agents.size() == 1);
  CHECK(journal_of(node(cluster, "w001"))->since == since);
  cluster.world.faults = {};
  expect_end(driver, api::Phase::Reverted);
}

TEST_CASE("a node with enough free addresses is released with one write a block") {
  FakeCluster cluster(a_flannel_cluster(nodes(1)));
  cluster.create(a_migration());
  Driver driver(cluster);
  std::map<net::Cidr, int> releases;
  driver.done = [&releases](const migration::Action& action) {
    const auto* release = std::get_if<migration::ReleaseReservation>(&action);
    if (release != nullptr) ++releases[release->block];
  };
  expect_migrated(driver);
  for (const auto& [block, writes] : releases) CHECK(writes == 1);
  CHECK(releases.size() == 4);
}

TEST_CASE("garbage collection takes no block of a node while the migration is paused") {
  const auto wanted = GENERATE(api::Target::Calico, api::Target::Flannel);
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  begin(cluster, driver, wanted);
  driver.run_until([&cluster] { return is_done(cluster, "w001"); });
  cluster.change_spec(paused());
  driver.run_for(base::Duration(3'600'000));
  for (const auto* name : {"w001", "w002", "w003"}) CHECK(blocks_of(cluster, name) == 4);
  cluster.change_spec([](auto& spec) { spec.paused = false; });
  expect_end(driver, wanted == api::Target::Calico ? api::Phase::Completed : api::Phase::Reverted);
}

TEST_CASE("a node's data is eleven writes, and no block of it is ever empty") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration());
  Driver driver(cluster);
  int writes = 0;
  driver.done = [&](const migration::Action& action) {
    const auto* patch = std::get_if<migration::PatchNode>(&action);
    writes += std::holds_alternative<migration::CreateBlock>(action) ||
              std::holds_alternative<migration::CreateAffinity>(action) ||
              std::holds_alternative<migration::CreateHandle>(action) ||
              std::holds_alternative<migration::ReserveAddresses>(action) ||
              (patch != nullptr && patch->reason == "IPAMPrepared");
    for (const auto& [cidr, block] : cluster.world.state.blocks)
      CHECK_FALSE(block.allocated.empty());
  };
  driver.step();
  driver.run_until([&driver] { return driver.phase() == api::Phase::Migrating; });
  CHECK(writes == 22);
}

TEST_CASE("whoever deletes the object half-way leaves nodes that can claim blocks") {
  const auto strict_before = GENERATE(false, true);
  auto state = a_flannel_cluster(nodes(2));
  state.ipam_config = an_ipam_config(strict_before, true);
  FakeCluster cluster(state);
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run_until([&cluster] { return is_done(cluster, "w001"); });
  cluster.delete_migration();
  driver.run();
  REQUIRE(cluster.world.state.migrations.empty());
  CHECK(cluster.world.state.ipam_config->auto_allocate_blocks);
  CHECK(cluster.world.state.ipam_config->strict_affinity);
  cluster.create(a_migration());
  driver.run_until([&cluster] { return !cluster.world.state.ipam_config->auto_allocate_blocks; });
  expect_migrated(driver);
  CHECK(cluster.world.state.ipam_config->auto_allocate_blocks);
  CHECK(cluster.world.state.ipam_config->strict_affinity == strict_before);
}
