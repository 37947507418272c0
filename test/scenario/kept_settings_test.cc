// The settings a migration began with count until it ends, whoever says otherwise.
#include "api/names.h"
#include "scenario/expect.h"

using namespace build;
using namespace scenario;

namespace {

const api::ObjectKey kFlannelConfig{"kube-flannel", "kube-flannel-cfg"};

void run_until_one_moved(FakeCluster& cluster, Driver& driver) {
  const auto& first = cluster.world.state.nodes.at("w001").node.meta;
  while (first.label(api::kNetworkLabel) == nullptr ||
         *first.label(api::kNetworkLabel) != "calico") {
    driver.step();
  }
}

// Another object goes on with what one that was deleted has begun.
void replace(FakeCluster& cluster, Driver& driver, api::FlannelMigration other) {
  cluster.delete_migration();
  driver.run();
  REQUIRE(cluster.world.state.migrations.empty());
  cluster.create(std::move(other));
  driver.run();
}

}  // namespace

TEST_CASE("another object that contradicts a begun migration writes nothing, and can go back") {
  FakeCluster cluster(a_flannel_cluster(nodes(4)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  run_until_one_moved(cluster, driver);
  const auto contradict = [](auto& spec) {
    spec.flannel.ipv6_network = cidr("fd00:10:244::/48");
    spec.flannel.vni = 9;
  };
  replace(cluster, driver, a_migration(contradict));
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("KeptSettings: spec.flannel.ipv6Network is fd00:10:244::/48; "
                                     "wanted: nothing, as when the migration began") == 0);
  const auto& passed = *driver.status().condition("PreflightPassed");
  CHECK((passed.status == api::ConditionStatus::False && passed.reason == "KeptSettings"));
  CHECK_FALSE(cluster.world.state.pools.contains("default-ipv6-ippool"));
  CHECK(cluster.world.state.felix->vxlan_vni == 1);
  CHECK_FALSE(anything_cordoned(cluster));
  SECTION("with the same object") { to_flannel(cluster); }
  SECTION("with a right one") {
    replace(cluster, driver, a_migration(target(api::Target::Flannel)));
  }
  expect_reverted(cluster, driver, before);
}

TEST_CASE("another block size than the migration began with blocks both ways") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  run_until_one_moved(cluster, driver);
  const auto target_of = GENERATE(api::Target::Calico, api::Target::Flannel);
  replace(cluster, driver,
          a_migration(target(target_of), [](auto& spec) { spec.calico.block_size = 27; }));
  CHECK(driver.phase() == api::Phase::Blocked);
  CHECK(driver.status().message.find("spec.calico.blockSize is 27; wanted: 26") !=
        std::string::npos);
  CHECK_FALSE(anything_cordoned(cluster));
  replace(cluster, driver, a_migration());
  expect_migrated(driver);
}

TEST_CASE("flannel's ConfigMap may change or go meanwhile") {
  FakeCluster cluster(a_flannel_cluster(nodes(3)));
  cluster.create(a_migration());
  Driver driver(cluster);
  run_until_one_moved(cluster, driver);
  const bool goes = GENERATE(false, true);
  auto& maps = cluster.world.state.config_maps;
  if (goes) {
    maps.erase(kFlannelConfig);
  } else {
    maps.at(kFlannelConfig).data["net-conf.json"] =
        R"({"Network":"10.0.0.0/8","Backend":{"Type":"vxlan","VNI":4096,"Port":4789}})";
    cluster.world.touch(maps.at(kFlannelConfig).meta);
  }
  expect_migrated(driver);
  CHECK(cluster.world.state.felix->vxlan_vni == 1);
  CHECK(cluster.world.state.felix->vxlan_port == 8472);
}
