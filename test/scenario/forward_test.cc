#include "scenario/driver.h"

#include <catch2/catch.hpp>

using namespace build;
using scenario::Driver;
using scenario::FakeCluster;

TEST_CASE("a cluster of one node is migrated") {
  FakeCluster cluster(a_flannel_cluster(nodes(1)));
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  INFO(driver.status().message);
  CHECK(driver.phase() == api::Phase::Completed);
}

TEST_CASE("a cluster of five nodes is migrated and reverted") {
  FakeCluster cluster(a_flannel_cluster(nodes(5), control_planes(1)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  INFO(driver.status().message);
  CHECK(driver.phase() == api::Phase::Completed);
  cluster.change_spec(target(api::Target::Flannel));
  driver.run();
  CHECK(driver.phase() == api::Phase::Reverted);
  INFO(scenario::differences(before, cluster.picture()));
  CHECK(before == cluster.picture());
}
