#include "api/names.h"
#include "scenario/expect.h"

#include <algorithm>
#include <iterator>
#include <set>

using namespace build;
using namespace scenario;

TEST_CASE("a flannel cluster is migrated to Calico") {
  const auto [name, cluster_state] = GENERATE(table<std::string, migration::ClusterState>({
      {"one node", a_flannel_cluster(nodes(1))},
      {"one control-plane node that runs the operator",
       a_flannel_cluster(nodes(1), control_planes(1), operator_on("cp1"))},
      {"five nodes", a_flannel_cluster(nodes(5), control_planes(1))},
      {"dual stack", a_flannel_cluster(nodes(3), dual_stack())},
      {"Canal", a_flannel_cluster(nodes(3), canal())},
  }));
  CAPTURE(name);
  const auto method_used = GENERATE(api::Method::HandOver, api::Method::Drain);
  FakeCluster cluster(cluster_state);
  cluster.create(a_migration(method(method_used)));
  Driver driver(cluster);
  driver.rules.agents_may_cut = method_used == api::Method::Drain;
  expect_migrated(driver);
  CHECK(cluster.world.state.daemon_sets.size() == 1);
  CHECK(cluster.world.state.ipam_config->auto_allocate_blocks);
  CHECK_FALSE(cluster.world.state.felix->vxlan_enabled);
}

TEST_CASE("fifty nodes with three control planes are migrated ten percent at a time") {
  FakeCluster cluster(a_flannel_cluster(nodes(50), control_planes(3)));
  cluster.create(a_migration(max_unavailable("10%")));
  Driver driver(cluster);
  driver.rules.most_out = 5;
  std::vector<std::string> order;
  watch_order(driver, order);
  expect_migrated(driver);
  REQUIRE(order.size() == 50);
  CHECK(std::vector<std::string>(order.end() - 3, order.end()) ==
        std::vector<std::string>{"cp1", "cp2", "cp3"});
}

TEST_CASE("the data of many nodes is written for some of them at a time") {
  FakeCluster cluster(a_flannel_cluster(nodes(300)));
  cluster.create(a_migration());
  Driver driver(cluster);
  const auto prepared = [](const migration::Plan& plan) {
    std::set<std::string> keys;
    for (const auto& task : plan.tasks) {
      for (const auto& action : task.actions)
        if (std::holds_alternative<migration::CreateBlock>(action)) keys.insert(task.key);
    }
    return keys;
  };
  auto seen = cluster.observe({});
  driver.before = [&](int) { seen = cluster.observe({}); };
  driver.run_until([&] { return !prepared(driver.last()).empty(); });
  const auto first = prepared(driver.last());
  CHECK(first.size() == 128);
  seen.busy.insert(first.begin(), std::next(first.begin(), 100));
  const auto rest = prepared(migration::plan(seen, cluster.world.now));
  CHECK(rest.size() == 28);
  for (const auto& key : rest) CHECK_FALSE(seen.busy.contains(key));
  seen.busy = first;
  CHECK(prepared(migration::plan(seen, cluster.world.now)).empty());
}

TEST_CASE("workers go first, the operator's own node goes last") {
  FakeCluster cluster(a_flannel_cluster(nodes(4), control_planes(2), operator_on("w001")));
  cluster.create(a_migration());
  Driver driver(cluster);
  std::vector<std::string> order;
  watch_order(driver, order);
  expect_migrated(driver);
  CHECK(order == std::vector<std::string>{"w002", "cp1", "cp2", "w001"});
}

TEST_CASE("one zone is finished before the next one begins") {
  FakeCluster cluster(a_flannel_cluster(nodes(6), zones(2)));
  cluster.create(a_migration(max_unavailable("2"), [](auto& spec) {
    spec.rollout.topology_key = "topology.kubernetes.io/zone";
  }));
  Driver driver(cluster);
  driver.rules.most_out = 2;
  std::vector<std::string> order;
  watch_order(driver, order);
  expect_migrated(driver);
  CHECK(order == std::vector<std::string>{"w002", "w004", "w006", "w001", "w003", "w005"});
}

TEST_CASE("each node soaks before the next one starts") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration([](auto& spec) { spec.rollout.soak = base::Duration(120'000); }));
  Driver driver(cluster);
  std::vector<base::TimePoint> times;
  driver.done = [&](const migration::Action& action) {
    const auto* patch = std::get_if<migration::PatchNode>(&action);
    if (patch != nullptr && patch->reason == "Cordon") times.push_back(cluster.world.now);
  };
  expect_migrated(driver);
  REQUIRE(times.size() == 3);
  CHECK(times[1] - times[0] >= base::Duration(120'000));
  CHECK(times[2] - times[1] >= base::Duration(120'000));
}

TEST_CASE("that nodes soak is said while nothing else is waited for") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration([](auto& spec) { spec.rollout.soak = base::Duration(120'000); }));
  Driver driver(cluster);
  driver.step();
  driver.run_until(
      [&driver] { return driver.status().progress == "1/2" && driver.status().active.empty(); });
  CHECK(driver.status().message.find("node w001 soaks until 20") == 0);
}

TEST_CASE("advice stays in the status while nodes are moved") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  cluster.create(a_migration([](auto& spec) {
    spec.rollout.topology_key = "rack";
    spec.flannel.port = 4789;
  }));
  Driver driver(cluster);
  driver.step();
  driver.run_until([&driver] { return driver.status().nodes.migrating > 0; });
  std::set<std::string> told;
  for (const auto& finding : driver.status().preflight) told.insert(finding.id);
  CHECK(told == std::set<std::string>{"FlannelValues", "NodeTopology"});
}

TEST_CASE("flannel's DaemonSet is kept when the user says so") {
  FakeCluster cluster(a_flannel_cluster(nodes(2)));
  const auto before = cluster.picture();
  cluster.create(a_migration([](auto& spec) { spec.completion = api::FlannelAtCompletion::Keep; }));
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(cluster.world.state.daemon_sets.size() == 2);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("an admin's cordon stays") {
  auto state = a_flannel_cluster(nodes(3));
  state.nodes.at("w002").node.unschedulable = true;
  FakeCluster cluster(state);
  const auto before = cluster.picture();
  cluster.create(a_migration(max_unavailable("2")));
  Driver driver(cluster);
  driver.rules.most_out = 2;
  expect_migrated(driver);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("only the selected nodes move until the selector is widened") {
  FakeCluster cluster(a_flannel_cluster(nodes(4), zones(2)));
  cluster.create(a_migration([](auto& spec) {
    spec.rollout.node_selector = {{"topology.kubernetes.io/zone", "z0"}};
  }));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Migrating);
  CHECK(driver.status().nodes.calico == 2);
  CHECK(driver.status().message ==
        "left on flannel until rollout.nodeSelector is widened: 2 nodes");
  cluster.change_spec([](auto& spec) { spec.rollout.node_selector.clear(); });
  expect_migrated(driver);
}

TEST_CASE("a node that goes back and is not selected any more is not turned round") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  to_flannel(cluster);
  const auto any_in_refresh = [&driver] {
    const auto& active = driver.status().active;
    return !active.empty() && active.front().step == "Refresh";
  };
  driver.run_until(any_in_refresh);
  CHECK(driver.status().active.front().attempt == 1);
  cluster.change_spec([](auto& spec) {
    spec.target = api::Target::Calico;
    spec.rollout.node_selector = {{"pool", "none"}};
  });
  driver.run();
  CHECK(driver.phase() == api::Phase::Migrating);
  // The second one was just out of service.
  CHECK(driver.status().nodes.flannel == 2);
  CHECK(driver.status().nodes.skipped == 2);
  CHECK(driver.status().message ==
        "left on flannel until rollout.nodeSelector is widened: 2 nodes");
}

TEST_CASE("a user's own Calico configuration is respected") {
  auto state = a_flannel_cluster(nodes(2));
  state.felix = a_felix(R"({"vxlanMTU":1200,"logSeverityScreen":"Debug","vxlanEnabled":true})");
  state.ipam_config = an_ipam_config(true, true);
  state.pools["mine"] = a_pool("mine", "10.244.0.0/16");
  state.pools["other"] = a_pool("other", "10.99.0.0/16");
  FakeCluster cluster(state);
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(cluster.world.state.felix->vxlan_mtu == 1450);
  CHECK(cluster.world.state.felix->json.find("Debug") != std::string::npos);
  CHECK(cluster.world.state.ipam_config->strict_affinity);
  CHECK(cluster.world.state.pools.size() == 2);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}
