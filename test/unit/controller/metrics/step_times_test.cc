#include "controller/metrics/step_times.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace controller;
using build::start_time;

namespace {

base::TimePoint after(int seconds) { return start_time() + std::chrono::seconds(seconds); }

api::NodeProgress in_step(const std::string& node, const std::string& step, int since) {
  return {node, step, after(since), 1, {}};
}

}  // namespace

TEST_CASE("a step that goes on has no time yet") {
  StepTimes times;
  CHECK(times.ended({in_step("w1", "Verify", 0)}, after(1)).empty());
  CHECK(times.ended({in_step("w1", "Verify", 0)}, after(9)).empty());
}

TEST_CASE("a step lasts until the next one is seen") {
  StepTimes times;
  times.ended({in_step("w1", "Verify", 0)}, after(1));
  CHECK(times.ended({in_step("w1", "Refresh", 5)}, after(5)) ==
        std::vector<StepTime>{{"Verify", 5}});
}

TEST_CASE("a node that is listed no more has ended its last step") {
  StepTimes times;
  times.ended({in_step("w1", "Clean", 0)}, after(1));
  CHECK(times.ended({}, after(3)) == std::vector<StepTime>{{"Clean", 3}});
  CHECK(times.ended({}, after(4)).empty());
}

TEST_CASE("a node that a full list leaves out has ended nothing") {
  StepTimes times;
  times.ended({in_step("w1", "Refresh", 0)}, after(1));
  std::vector<api::NodeProgress> full;
  for (std::size_t i = 0; i < api::kNodesListed; ++i)
    full.push_back(in_step("x" + std::to_string(i), "Cordon", 2));
  CHECK(times.ended(full, after(3)).empty());
}

TEST_CASE("a clock that was set back gives no time") {
  StepTimes times;
  times.ended({in_step("w1", "Verify", 60)}, after(60));
  CHECK(times.ended({in_step("w1", "Refresh", 1)}, after(1)).empty());
}

TEST_CASE("a migration that is gone has no steps") {
  StepTimes times;
  times.ended({in_step("w1", "Verify", 0)}, after(1));
  times.forget();
  CHECK(times.ended({}, after(3)).empty());
}
