#include "migration/rollout/rollout.h"

#include "api/names.h"
#include "migration/rollout/rollout_order.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

std::vector<std::string> order_of(const Surveyed& seen) {
  std::vector<std::string> names;
  for (const auto* node : rollout_order(seen.survey)) names.push_back(node->name);
  return names;
}

Journal journal_at(Step step) {
  Journal journal;
  journal.step = step;
  journal.since = start_time();
  journal.run = 1;
  return journal;
}

}  // namespace

TEST_CASE("workers go by name, then control-plane nodes, then the operator's own") {
  const Surveyed seen(a_flannel_cluster(nodes(5), control_planes(2), operator_on("w002")));
  CHECK(order_of(seen) == std::vector<std::string>{"w001", "w003", "cp1", "cp2", "w002"});
}

TEST_CASE("workers go by domain, control-plane nodes do not") {
  auto migration = a_migration();
  migration.spec->rollout.topology_key = "topology.kubernetes.io/zone";
  const Surveyed seen(a_flannel_cluster(nodes(6), control_planes(2), zones(2)), migration);
  CHECK(order_of(seen) == std::vector<std::string>{"w002", "w004", "w001", "w003", "cp1", "cp2"});
}

TEST_CASE("nodes that are not selected, and those of another system, are left out") {
  auto cluster = a_flannel_cluster(nodes(3));
  cluster.nodes.at("w003").node.os = "windows";
  auto migration = a_migration();
  migration.spec->rollout.node_selector = {{"kubernetes.io/hostname", "w001"}};
  const Surveyed seen(cluster, migration);
  CHECK(order_of(seen) == std::vector<std::string>{"w001"});
  REQUIRE(seen.survey.left_alone.size() == 1);
  CHECK(seen.survey.left_alone[0].name == "w003");
}

TEST_CASE("waves are counted by what may move together") {
  const auto [count, controls, most, waves] = GENERATE(table<int, int, std::string, int>({
      {1, 0, "1", 1},
      {5, 0, "1", 5},
      {5, 0, "2", 3},
      {5, 1, "2", 3},
      {50, 3, "10%", 13},
      {3, 3, "3", 3},
  }));
  const Surveyed seen(a_flannel_cluster(nodes(count), control_planes(controls)),
                      a_migration(max_unavailable(most)));
  CHECK(count_waves(seen.survey, rollout_order(seen.survey)) == waves);
}

TEST_CASE("canaries are a wave each, on the way to Calico") {
  const auto [canaries, way, waves] = GENERATE(table<int, api::Target, int>({
      {2, api::Target::Calico, 4},
      {9, api::Target::Calico, 6},
      {2, api::Target::Flannel, 3},
  }));
  auto migration = a_migration(max_unavailable("3"), target(way));
  migration.spec->rollout.canary.nodes = canaries;
  const Surveyed seen(a_flannel_cluster(nodes(6), control_planes(1)), migration);
  CHECK(count_waves(seen.survey, rollout_order(seen.survey)) == waves);
}

TEST_CASE("a node is out from the moment its cordon is sent") {
  auto cluster = a_flannel_cluster(nodes(1));
  CHECK_FALSE(Surveyed(cluster).node("w001").out());
  auto sent = cluster;
  sent.nodes.at("w001").pending = api::NodePatch{{}, {}, true, {}, {}};
  CHECK(Surveyed(sent).node("w001").out());
  auto& node = cluster.nodes.at("w001").node;
  with_label(api::kInProgressLabel, "true")(node);
  with_journal(journal_at(Step::Start))(node);
  CHECK(Surveyed(cluster).node("w001").out());
  with_journal(journal_at(Step::Refresh))(node);
  CHECK_FALSE(Surveyed(cluster).node("w001").out());
}

TEST_CASE("the network of a node is what its label says, else which DaemonSet selects it") {
  const auto [label, network, joined] = GENERATE(table<std::string, Network, bool>({
      {"", Network::Flannel, false},
      {"flannel", Network::Flannel, false},
      {"calico", Network::Calico, false},
      {"none", Network::None, false},
      {"nonsense", Network::Flannel, false},
  }));
  CAPTURE(label);
  auto cluster = a_cluster_of();
  if (!label.empty()) with_label(api::kNetworkLabel, label)(cluster.nodes.at("w1").node);
  const Surveyed seen(cluster);
  CHECK(seen.node("w1").network == network);
  CHECK(seen.node("w1").joined == joined);
}

TEST_CASE("a failed move is tried again later each time") {
  const auto [attempt, seconds] = GENERATE(table<int, int>({{1, 10}, {2, 30}, {3, 90}, {9, 600}}));
  Journal journal = journal_at(Step::Failed);
  journal.attempt = attempt;
  CHECK(retry_time(journal) - journal.since == std::chrono::seconds(seconds));
}

TEST_CASE("a run number is never used twice, whatever became of the journal") {
  auto cluster = a_cluster_of();
  api::AgentTask task;
  task.node = "w1";
  task.run = 7;
  cluster.nodes.at("w1").agents["a"] = a_starting_agent(task, start_time());
  CHECK(next_run(Surveyed(cluster).node("w1")) == 8);
  auto journal = journal_at(Step::Done);
  journal.run = 12;
  with_journal(journal)(cluster.nodes.at("w1").node);
  CHECK(next_run(Surveyed(cluster).node("w1")) == 13);
}
