// How long a plan takes in large clusters: printed, never asserted. By hand: scenario_tests
// "[.timing]"
#include "base/clock.h"
#include "scenario/driver.h"

#include <catch2/catch.hpp>
#include <fmt/format.h>

#include <chrono>

using namespace build;
using namespace scenario;

namespace {

double milliseconds_of_plan(const migration::ClusterState& state, base::TimePoint now) {
  constexpr int kRounds = 5;
  const base::SystemClock clock;
  const auto begin = clock.steady_now();
  for (int i = 0; i < kRounds; ++i) migration::plan(state, now);
  const std::chrono::duration<double, std::milli> took = clock.steady_now() - begin;
  return took.count() / kRounds;
}

void report(const Driver& driver, const FakeCluster& cluster, int count, const char* when) {
  const auto state = cluster.observe(driver.last().track);
  fmt::print("plan() of {} nodes, {}: {:.2f} ms\n", count, when,
             milliseconds_of_plan(state, cluster.world.now));
}

}  // namespace

TEST_CASE("plans of large clusters are timed", "[.timing]") {
  const int count = GENERATE(1000, 5000);
  FakeCluster cluster(a_flannel_cluster(nodes(count), control_planes(3)));
  cluster.create(a_migration(max_unavailable("10%")));
  Driver driver(cluster);
  driver.check_rules = false;
  driver.step();
  report(driver, cluster, count, "preparing");
  driver.run_until(
      [&] { return !driver.last().active.empty() && driver.status().nodes.migrating > 0; });
  report(driver, cluster, count, "the first nodes are moving");
  driver.run_until([&] { return driver.status().nodes.calico >= count / 4; });
  report(driver, cluster, count, "a quarter of the nodes is done");
}
