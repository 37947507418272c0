// How long a plan takes half-way through a large cluster. By hand: scenario_tests "[bench]"
#include "base/clock.h"
#include "fakes/build/cluster.h"
#include "scenario/driver.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <iostream>

using namespace build;
using namespace scenario;

namespace {

constexpr int kPlans = 50;

double seconds_of(const std::function<void()>& work) {
  const base::SystemClock clock;
  const auto begin = clock.steady_now();
  work();
  return std::chrono::duration<double>(clock.steady_now() - begin).count();
}

}  // namespace

TEST_CASE("time of a plan", "[.bench]") {
  const int count = GENERATE(1'000, 5'000);
  FakeCluster cluster(a_flannel_cluster(nodes(count), control_planes(3)));
  cluster.create(a_migration(max_unavailable("10%")));
  Driver driver(cluster);
  driver.check_rules = false;
  driver.step();
  driver.run_until([&] { return driver.status().nodes.calico >= count / 4; });
  const auto state = cluster.observe(driver.last().track);
  std::size_t tasks = 0;
  const double took = seconds_of([&] {
    for (int i = 0; i < kPlans; ++i)
      tasks += migration::plan(state, cluster.world.now).tasks.size();
  });
  std::cout << count << " nodes, " << driver.last().track.size()
            << " looked at: " << 1'000 * took / kPlans << " ms a plan of " << tasks / kPlans
            << " tasks\n";
  CHECK(driver.last().track.size() > 0);
}
