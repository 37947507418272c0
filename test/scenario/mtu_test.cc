// A fleet whose nodes have different MTUs: the smallest is the cluster's.
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

void set_mtu(FakeCluster& cluster, const std::string& name, int mtu) {
  cluster.world.hosts.at(name).mtu = mtu;
  cluster.world.hosts.at(name).flannel_mtu = mtu;
}

std::map<std::string, int> mtus(const FakeCluster& cluster) {
  std::map<std::string, int> all;
  for (const auto& [name, host] : cluster.world.hosts) all[name] = host.mtu;
  return all;
}

}  // namespace

TEST_CASE("nodes with different MTUs move with the smallest, and get their own back") {
  const auto* smallest = GENERATE("w001", "w002", "w003");
  FakeCluster cluster(GENERATE(a_flannel_cluster(nodes(3)), a_flannel_cluster(nodes(3), canal())));
  set_mtu(cluster, smallest, 1400);
  const auto before = mtus(cluster);
  // A node that has another MTU has not failed: there is no second attempt that could hide one.
  cluster.create(a_migration([](auto& spec) { spec.rollout.retries = 0; }));
  Driver driver(cluster);
  expect_migrated(driver);
  CHECK(cluster.world.state.felix->vxlan_mtu == 1400);
  CHECK(cluster.world.state.config_maps.at({"kube-system", "calico-config"}).data.at("veth_mtu") ==
        "1400");
  CHECK(cluster.world.hosts.at(smallest).mtu == 1400);
  to_flannel(cluster);
  expect_end(driver, api::Phase::Reverted);
  CHECK(mtus(cluster) == before);
}

TEST_CASE("an MTU that a user gives too large is asked for again, and can be given") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  set_mtu(cluster, "w002", 1400);
  cluster.create(a_migration([](auto& spec) { spec.flannel.mtu = 1450; }));
  Driver driver(cluster);
  driver.run();
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("flannel.1 has MTU 1400, wanted 1450") != std::string::npos);
  cluster.change_spec([](auto& spec) { spec.flannel.mtu = 1400; });
  retry(cluster, "w002");
  expect_migrated(driver);
  CHECK(cluster.world.state.felix->vxlan_mtu == 1400);
}
