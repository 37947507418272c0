#include "api/names.h"
#include "calico/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

// As F5's documentation has it: annotations and a pod CIDR, and never a kubelet.
api::Node big_ip() {
  auto node = a_node("bigip1", with_pod_cidr("10.244.200.0/24"), with_internal_ip("192.168.9.9"),
                     with_flannel("0a:0a:0a:0a:0a:0a", "192.168.9.9"), not_ready());
  node.has_kubelet = false;
  node.meta.labels.clear();
  return node;
}

// A virtual kubelet: no pod CIDR, nothing of flannel's, and its affinity keeps it off.
api::Node virtual_kubelet() {
  auto node = a_node("virtual", without_flannel(), with_label("type", "virtual-kubelet"),
                     with_internal_ip("192.168.9.8"), cordoned());
  node.pod_cidrs.clear();
  return node;
}

// On flannel's own overlay for Windows.
api::Node windows_node(const std::string& name, const std::string& pod_cidr) {
  auto node = a_node(name, with_pod_cidr(pod_cidr), with_internal_ip("192.168.9.7"),
                     with_flannel("0a:0a:0a:0a:0a:07", "192.168.9.7"),
                     with_label("kubernetes.io/os", "windows"));
  node.os = "windows";
  return node;
}

migration::ClusterState cluster_with_affinity() {
  auto cluster = a_flannel_cluster(nodes(3));
  auto& set = cluster.daemon_sets.at({"kube-flannel", "kube-flannel-ds"});
  set = with(set, "/spec/template/spec/affinity",
             R"({"nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{)"
             R"("nodeSelectorTerms":[{"matchExpressions":[)"
             R"({"key":"kubernetes.io/os","operator":"In","values":["linux"]},)"
             R"({"key":"type","operator":"NotIn","values":["virtual-kubelet"]}]}]}}})");
  return cluster;
}

void add_down(FakeCluster& cluster, const api::Node& node) {
  cluster.add_node(node, node.ready);
  if (!node.has_kubelet) cluster.world.faults.nodes_down.insert(node.meta.name);
  cluster.settle();
}

std::string told(const Driver& driver, const std::string& id) {
  for (const auto& finding : driver.status().preflight) {
    if (finding.id == id)
      return std::string(api::to_string(finding.severity)) + ": " + finding.observed;
  }
  return {};
}

}  // namespace

TEST_CASE("a node that flannel's affinity excludes is left alone, and the end is reached") {
  FakeCluster cluster(cluster_with_affinity());
  add_down(cluster, virtual_kubelet());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(driver.status().progress == "3/3");
  CHECK(driver.status().nodes.skipped == 1);
  CHECK(driver.status().message == "3 nodes on Calico; left alone: 1 node");
  CHECK(told(driver, "NodesLeftAlone") ==
        "Info: 1 node is not moved: virtual (flannel's DaemonSet does not want it)");
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("a load balancer's dummy is left alone, and Calico knows it") {
  // An older flannel has no affinity: its pod waits there for ever.
  const bool wanted = GENERATE(true, false);
  FakeCluster cluster(wanted ? a_flannel_cluster(nodes(3)) : cluster_with_affinity());
  add_down(cluster, big_ip());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  const auto& state = cluster.world.state;
  CHECK(driver.status().progress == "3/3");
  CHECK(driver.status().nodes.skipped == 1);
  CHECK(driver.status().message ==
        "3 nodes on Calico; left alone: 1 node, of which a device outside of the cluster has to be "
        "set up by hand: bigip1");
  CHECK(
      told(driver, "NodesLeftAlone").starts_with("Info: 1 node is not moved: bigip1 (no kubelet"));
  const auto& meta = node(cluster, "bigip1").meta;
  CHECK(*meta.annotation(api::kCalicoVxlanMac) == "0a:0a:0a:0a:0a:0a");
  CHECK(meta.annotation(api::kCalicoIpv4Address)->starts_with("192.168.9.9"));
  CHECK(meta.annotation("flannel.alpha.coreos.com/backend-data") != nullptr);
  CHECK(meta.label(api::kNetworkLabel) == nullptr);
  const auto block = state.blocks.find(cidr("10.244.200.0/26"));
  REQUIRE(block != state.blocks.end());
  CHECK(block->second.affinity == calico::host_affinity("bigip1"));
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

// kube-controllers takes empty blocks from a node that has others, and whoever claims one then has
// the addresses of pods that live on the Windows node.
TEST_CASE("a Windows node keeps its blocks after the end, and Calico goes on being told of it") {
  auto start = cluster_with_affinity();
  auto& calico = start.daemon_sets.at({"kube-system", "calico-node"});
  calico = with(calico, "/spec/template/spec/nodeSelector/kubernetes.io~1os", R"("linux")");
  FakeCluster cluster(start);
  cluster.add_node(windows_node("win", "10.244.200.0/24"), true);
  cluster.settle();
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(driver.status().nodes.skipped == 1);
  CHECK(told(driver, "NodeOperatingSystem").starts_with("Warn: "));
  for (auto* block : {"10.244.200.0/26", "10.244.200.64/26", "10.244.200.192/26"}) {
    const auto found = cluster.world.state.blocks.find(cidr(block));
    REQUIRE(found != cluster.world.state.blocks.end());
    CHECK_FALSE(found->second.allocated.empty());
  }
  // It has started again, and its flannel has made another device.
  cluster.edit_node("win", with_flannel("0a:0a:0a:0a:0a:08", "192.168.9.7"));
  expect_migrated(driver);
  CHECK(*node(cluster, "win").meta.annotation(api::kCalicoVxlanMac) == "0a:0a:0a:0a:0a:08");
  cluster.edit_node("win", with_flannel("0a:0a:0a:0a:0a:07", "192.168.9.7"));
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

TEST_CASE("what is left alone takes nothing of the budget, however many there are") {
  FakeCluster cluster(cluster_with_affinity());
  for (int i = 1; i <= 5; ++i) {
    auto node = virtual_kubelet();
    node.meta.name += std::to_string(i);
    node.ready = false;
    add_down(cluster, node);
    cluster.world.faults.nodes_down.insert(node.meta.name);
  }
  cluster.settle();
  cluster.create(a_migration());
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(driver.status().nodes.skipped == 5);
  CHECK(told(driver, "NodeHealth").empty());
}

TEST_CASE("a node without a pod CIDR is refused, unless the selector leaves it out") {
  const bool selected = GENERATE(true, false);
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  auto node = virtual_kubelet();
  cluster.world.faults.flannel_never_ready.insert("virtual");
  cluster.add_node(node, true);
  for (auto* name : {"w001", "w002", "w003"}) cluster.edit_node(name, with_label("move", "yes"));
  cluster.settle();
  cluster.create(a_migration([selected](auto& spec) {
    if (!selected) spec.rollout.node_selector = {{"move", "yes"}};
  }));
  Driver driver(cluster);
  if (!selected) {
    expect_migrated(driver);
    CHECK(driver.status().nodes.skipped == 1);
    return;
  }
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(told(driver, "NodePodCIDR") == "Block: nodes without a pod CIDR: virtual");
}

TEST_CASE("a plan by which nothing could ever move is refused") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration([](auto& spec) { spec.rollout.node_selector = {{"no", "such"}}; }));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.calls == 0);
  CHECK(told(driver, "NodeSelector") ==
        "Block: no node carries the labels of spec.rollout.nodeSelector");
}
