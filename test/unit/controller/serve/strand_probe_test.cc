#include "controller/serve/strand_probe.h"

#include "fakes/fake_clock.h"
#include "unit/controller/strand.h"

#include <catch2/catch.hpp>

using namespace controller;
using namespace std::chrono_literals;

namespace {

struct World {
  fakes::FakeClock clock;
  controller_test::Strand strand;
  StrandProbe probe{strand.io, clock};

  void let_the_strand_run() {
    strand.io.restart();
    strand.io.poll();
  }
};

}  // namespace

TEST_CASE("a strand is stuck when it has not come to a question for a minute") {
  World world;
  CHECK(world.probe.comes_to_its_work());
  world.clock.advance(59s);
  CHECK(world.probe.comes_to_its_work());
  world.clock.advance(1s);
  CHECK_FALSE(world.probe.comes_to_its_work());
  world.let_the_strand_run();
  CHECK(world.probe.comes_to_its_work());
}

TEST_CASE("a strand that nobody asked for hours is not stuck") {
  World world;
  for (int i = 0; i < 3; ++i) {
    CHECK(world.probe.comes_to_its_work());
    world.let_the_strand_run();
    world.clock.advance(3h);
  }
}

TEST_CASE("a strand that is stuck is asked once") {
  World world;
  for (int i = 0; i < 100; ++i) world.probe.comes_to_its_work();
  world.strand.io.restart();
  CHECK(world.strand.io.poll() == 1);
}
