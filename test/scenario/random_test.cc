// Everything at once, by the dice: turns, pauses, restarts, failing calls and agents, nodes that go
// down, pods that come and go. The rules hold at every step, and once it is quiet both ends are
// reached.
#include "api/names.h"
#include "scenario/expect.h"
#include "scenario/stray_blocks.h"

#include <random>

using namespace build;
using namespace scenario;

namespace {

class Chaos {
 public:
  Chaos(FakeCluster& cluster, Driver& driver, std::uint32_t seed)
      : cluster_(cluster), driver_(driver), random_(seed) {
    driver_.rules.pods_may_break = true;
    driver_.fail = [this](int, const migration::Action&) { return failure(); };
  }

  void disturb() {
    auto& faults = cluster_.world.faults;
    if (one_in(40)) turn();
    if (one_in(60)) cluster_.change_spec([](auto& spec) { spec.paused = !spec.paused; });
    if (one_in(50)) driver_.restart();
    if (one_in(25)) faults.agents.push_back(random_fault());
    if (one_in(60)) faults.nodes_down = {random_node()};
    if (one_in(10)) recover();
    if (one_in(8)) end_a_pod();
    if (one_in(100)) faults.calico_never_ready = {random_node()};
    if (one_in(100)) faults.flannel_never_ready = {random_node()};
    if (one_in(80)) faults.budget_blocks = {"web"};
    if (one_in(70)) retry_failed();
    if (one_in(20)) claim_a_block();
  }

  // Nothing disturbs any more, and failed nodes get another chance.
  void calm() {
    quiet_ = true;
    driver_.rules.pods_may_break = false;
    cluster_.world.faults = {};
    recover();
    retry_failed();
    cluster_.change_spec([](auto& spec) { spec.paused = false; });
  }

  void retry_failed() {
    for (const auto& [name, node] : cluster_.world.state.nodes)
      cluster_.edit_node(name, with_annotation(api::kRetryAnnotation, "true"));
  }

 private:
  bool one_in(unsigned chances) { return random_() % chances == 0; }

  Failure failure() {
    if (quiet_ || !one_in(15)) return Failure::None;
    return static_cast<Failure>(1 + random_() % 3);
  }

  void turn() {
    cluster_.change_spec([](auto& spec) {
      spec.target = spec.target == api::Target::Calico ? api::Target::Flannel : api::Target::Calico;
    });
  }

  std::string random_node() {
    auto node = cluster_.world.state.nodes.begin();
    std::advance(node, random_() % cluster_.world.state.nodes.size());
    return node->first;
  }

  AgentFault random_fault() {
    AgentFault fault;
    fault.node = random_node();
    fault.operation = static_cast<api::AgentOperation>(random_() % 8);
    fault.times = 1 + static_cast<int>(random_() % 2);
    fault.silent = one_in(4);
    return fault;
  }

  void recover() {
    auto& world = cluster_.world;
    world.faults.calico_never_ready.clear();
    world.faults.flannel_never_ready.clear();
    world.faults.budget_blocks.clear();
    std::erase_if(world.faults.agents, [](const auto& fault) { return fault.silent; });
    for (const auto& name : world.faults.nodes_down)
      cluster_.edit_node(name, [](api::Node& node) { node.ready = true; });
    world.faults.nodes_down.clear();
  }

  // Where the migration lets it, Calico collects an empty block and gives it to another node.
  void claim_a_block() {
    auto& world = cluster_.world;
    const auto& config = world.state.ipam_config;
    const auto node = random_node();
    if (config && !config->auto_allocate_blocks) return;
    for (const auto& [cidr, block] : world.state.blocks) {
      if (cidr.family() != net::Family::V4 || !block.allocated.empty() || !one_in(3)) continue;
      if (living_on(world, node, migration::Network::Calico).empty()) return;
      const auto claimed = cidr;
      claim(world, node, claimed);
      if (one_in(2)) fill(world, node, claimed);
      return;
    }
  }

  void end_a_pod() {
    for (auto& [uid, pod] : cluster_.world.pods(random_node())) {
      if (pod.host_network || pod.meta.deleting) continue;
      pod.meta.deleting = cluster_.world.now;
      pod.ready = false;
      return cluster_.world.touch(pod.meta);
    }
  }

  FakeCluster& cluster_;
  Driver& driver_;
  std::mt19937 random_;
  bool quiet_ = false;
};

struct Kind {
  std::string name;
  migration::ClusterState state;
  api::FlannelMigration migration;
};

std::vector<Kind> kinds() {
  const auto more = [](auto& spec) {
    spec.rollout.max_failures = 2;
    spec.refresh_max_pending = {2, false};
  };
  return {
      {"flannel", a_flannel_cluster(nodes(4), control_planes(1)), a_migration(more)},
      {"method Drain", a_flannel_cluster(nodes(4)), a_migration(more, method(api::Method::Drain))},
      {"two at once", a_flannel_cluster(nodes(5), control_planes(2)),
       a_migration(more, max_unavailable("2"))},
      {"Canal", a_flannel_cluster(nodes(3), canal(), operator_on("w001")), a_migration(more)},
      {"dual stack", a_flannel_cluster(nodes(3), dual_stack()), a_migration(more)},
  };
}

void live_through(const Kind& kind, std::uint32_t seed) {
  CAPTURE(kind.name, seed);
  FakeCluster cluster(kind.state);
  const auto before = cluster.picture();
  cluster.world.turns_often = true;
  cluster.create(kind.migration);
  Driver driver(cluster);
  driver.rules.most_out = kind.migration.spec->rollout.max_unavailable.value;
  driver.rules.agents_may_cut = kind.migration.spec->rollout.method == api::Method::Drain;
  Chaos chaos(cluster, driver, seed);
  for (int i = 0; i < 400; ++i) {
    chaos.disturb();
    driver.step();
  }
  chaos.calm();
  to_calico(cluster);
  expect_migrated(driver);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

}  // namespace

TEST_CASE("whatever happens, the rules hold and both ends are reached") {
  const auto kind = GENERATE(from_range(kinds()));
  for (std::uint32_t seed = 1; seed <= FM_WALKS; ++seed) live_through(kind, seed);
}

// By hand, after a change of the planner: scenario_tests "[long]"
TEST_CASE("whatever happens, for a long time", "[.long]") {
  const auto kind = GENERATE(from_range(kinds()));
  const auto seed = GENERATE(range(1'000u, 1'400u));
  live_through(kind, seed);
}
