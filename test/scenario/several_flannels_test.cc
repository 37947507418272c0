#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

constexpr std::string_view kEdge = "node-role.kubernetes.io/edge";

api::DaemonSet flannel_named(const std::string& name, const std::string& pod_spec_field,
                             const std::string& json) {
  auto set = with(a_flannel_set(), "/metadata/name", "\"" + name + "\"");
  set = with(set, "/metadata/uid", "\"uid-" + name + "\"");
  return with(set, "/spec/template/spec/" + pod_spec_field, json);
}

std::string affinity(const std::string& op) {
  return R"({"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":)"
         R"([{"matchExpressions":[{"key":")" +
         std::string(kEdge) + R"(","operator":")" + op + R"("}]}]}}})";
}

void put(migration::ClusterState& cluster, const api::DaemonSet& set) {
  cluster.daemon_sets[api::key_of(set.meta)] = set;
}

// KubeEdge: one ConfigMap, two DaemonSets, each node in one of them.
migration::ClusterState kube_edge() {
  auto cluster = a_flannel_cluster(nodes(3));
  cluster.daemon_sets.erase({"kube-flannel", "kube-flannel-ds"});
  put(cluster, flannel_named("kube-flannel-cloud-ds", "affinity", affinity("DoesNotExist")));
  put(cluster, flannel_named("kube-flannel-edge-ds", "affinity", affinity("Exists")));
  with_label(kEdge, "")(cluster.nodes.at("w003").node);
  return cluster;
}

// An old flannel in kube-system beside the new one: with a ConfigMap of its own.
api::DaemonSet old_flannel(const std::string& selector) {
  auto set = flannel_named("kube-flannel-old", "nodeSelector", selector);
  return with(set, "/metadata/namespace", R"("kube-system")");
}

std::string blocked_by(const Driver& driver) {
  for (const auto& finding : driver.status().preflight) {
    if (finding.severity == api::Severity::Block) return finding.id + ": " + finding.observed;
  }
  return {};
}

int pods_of(const FakeCluster& cluster, const std::string& set) {
  int count = 0;
  for (const auto& [node, pods] : flannel_pods(cluster.world)) {
    count += static_cast<int>(std::count_if(
        pods.begin(), pods.end(), [&set](const auto& pod) { return pod.second.set.name == set; }));
  }
  return count;
}

}  // namespace

TEST_CASE("DaemonSets of one ConfigMap are one installation, whatever their names") {
  FakeCluster cluster(kube_edge());
  const auto before = cluster.picture();
  REQUIRE(pods_of(cluster, "kube-flannel-cloud-ds") == 2);
  REQUIRE(pods_of(cluster, "kube-flannel-edge-ds") == 1);
  const bool named = GENERATE(false, true);
  cluster.create(a_migration([named](auto& spec) {
    if (named) spec.flannel.daemon_set = api::ObjectKey{"kube-flannel", "kube-flannel-cloud-ds"};
  }));
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(driver.status().nodes.calico == 3);
  CHECK(flannel_pods(cluster.world).empty());
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
  CHECK(pods_of(cluster, "kube-flannel-cloud-ds") == 2);
  CHECK(pods_of(cluster, "kube-flannel-edge-ds") == 1);
}

TEST_CASE("flannel's DaemonSets that are kept leave every node") {
  FakeCluster cluster(kube_edge());
  cluster.create(a_migration([](auto& spec) { spec.completion = api::FlannelAtCompletion::Keep; }));
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(cluster.world.state.daemon_sets.contains({"kube-flannel", "kube-flannel-edge-ds"}));
  CHECK(flannel_pods(cluster.world).empty());
}

TEST_CASE("a second flannel on the same nodes is told of, named or not, with the nodes") {
  auto start = a_flannel_cluster(nodes(3));
  put(start, old_flannel("{}"));
  FakeCluster cluster(start);
  cluster.create(a_migration([](auto& spec) {
    spec.flannel.daemon_set = api::ObjectKey{"kube-flannel", "kube-flannel-ds"};
  }));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(blocked_by(driver).starts_with("FlannelSingle"));
  CHECK(blocked_by(driver).ends_with(
      "kube-system/kube-flannel-old on 3 nodes that Calico is to have: w001, w002, w003"));
  CHECK(driver.calls == 0);
  // What the fix says.
  cluster.world.state.daemon_sets.at({"kube-system", "kube-flannel-old"}).meta.deleting =
      cluster.world.now;
  cluster.settle();
  expect_migrated(driver);
  CHECK(flannel_pods(cluster.world).empty());
}

TEST_CASE("a second flannel that wants no node is in nobody's way") {
  auto start = a_flannel_cluster(nodes(3));
  // First by name, so that it would be taken for the one that is meant.
  auto idle = with(old_flannel(R"({"flannel":"old"})"), "/metadata/namespace", R"("a-flannel")");
  put(start, idle);
  FakeCluster cluster(start);
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(cluster.world.state.daemon_sets.contains({"a-flannel", "kube-flannel-old"}));
}

TEST_CASE("flannel that comes back in another namespace takes the end back") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  SECTION("while nodes move") {
    driver.run_until([&driver] { return driver.status().nodes.calico > 0; });
  }
  SECTION("when it is complete") { expect_migrated(driver); }
  // Its device would be there before Calico's.
  cluster.world.faults.flannel_never_ready = {"w001", "w002", "w003"};
  driver.check_rules = false;
  put(cluster.world.state, old_flannel("{}"));
  driver.run_until([&driver] { return driver.phase() == api::Phase::Blocked; });
  CHECK(blocked_by(driver).starts_with("FlannelSingle"));
  CHECK(cluster.world.state.daemon_sets.contains({"kube-system", "kube-flannel-old"}));
}

TEST_CASE("a migration is not complete while a pod of flannel's is on a node") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.step();
  driver.run_until([&driver] { return driver.phase() == api::Phase::Finalizing; });
  // Its DaemonSet has gone, and its node has not heard of it.
  auto stuck = a_pod("kube-flannel-stuck", "w002", host_network(), in_namespace("kube-flannel"),
                     owned_by("DaemonSet", "kube-flannel-ds", "uid-gone"));
  driver.see = [&](const auto& tracked) {
    auto seen = cluster.observe(tracked);
    (*seen.flannel_pods)["w002"]["uid-stuck"] = *migration::daemon_pod(stuck);
    return seen;
  };
  driver.run_for(base::Duration(600'000));
  CHECK(driver.phase() == api::Phase::Finalizing);
  CHECK(driver.status().message ==
        "waiting for 1 pod of flannel's to end: kube-flannel-stuck on node w002");
  driver.see = nullptr;
  expect_migrated(driver);
}

TEST_CASE("a revert is not over before every node has flannel's pod") {
  FakeCluster cluster(kube_edge());
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  to_flannel(cluster);
  driver.see = [&](const auto& tracked) {
    auto seen = cluster.observe(tracked);
    if (seen.flannel_pods) seen.flannel_pods->erase("w003");
    return seen;
  };
  driver.run_for(base::Duration(3'600'000));
  CHECK(driver.phase() == api::Phase::Reverting);
  CHECK(driver.status().message == "flannel is not Ready yet on w003");
  driver.see = nullptr;
  expect_end(driver, api::Phase::Reverted);
}

TEST_CASE("which network a node is on is not asked before anything has begun") {
  auto start = kube_edge();
  for (auto& [key, set] : start.daemon_sets) {
    if (key.ns == "kube-flannel")
      set = with(set, "/spec/template/spec/nodeSelector", R"({"arch":"amd64"})");
  }
  for (auto& [name, state] : start.nodes) with_label("arch", "amd64")(state.node);
  FakeCluster cluster(start);
  // flannel ran here once, and none of its DaemonSets wants it.
  cluster.add_node(a_node("other", with_pod_cidr("10.244.9.0/24"), with_internal_ip("192.168.0.9"),
                          with_flannel("0a:00:00:00:00:09", "192.168.0.9")),
                   true);
  cluster.settle();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Completed);
  for (const auto& finding : driver.status().preflight) CHECK(finding.id == "NodesLeftAlone");
  CHECK(driver.status().nodes.total == 3);
  CHECK(driver.status().nodes.skipped == 1);
}
