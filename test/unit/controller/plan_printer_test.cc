#include "controller/plan_printer.h"

#include <catch2/catch.hpp>

using controller::print_plan;
using controller::PrintedPlan;

TEST_CASE("a plan shows what was found, what was detected and who is first") {
  api::MigrationStatus status;
  status.phase = api::Phase::Blocked;
  status.message = "one condition is not met";
  status.progress = "1/60";
  status.preflight = {{"PoolMissing", api::Severity::Block, "no pool", "a pool", "create one"}};
  status.detected = {{"network", "10.244.0.0/16", "net-conf.json"}, {"mtu", "", "absent"}};
  status.plan.nodes = 60;
  status.plan.waves = 20;
  status.plan.order = {"w1", "w2"};
  const auto text = print_plan({status, {}, {{"w2", "on calico"}}});
  CAPTURE(text);
  for (const char* part :
       {"PoolMissing: no pool", "wanted: a pool", "fix:    create one", "10.244.0.0/16",
        "net-conf.json", "60 nodes in 20 waves, 1/60 on their target now", "1  w1\n",
        "2  w2  (on calico)\n", "and 58 more", "Blocked: one condition is not met"}) {
    CHECK_THAT(text, Catch::Contains(part));
  }
  CHECK_THAT(text, Catch::EndsWith("\n"));
}

TEST_CASE("a plan without findings says so") {
  api::MigrationStatus status;
  status.plan.nodes = 1;
  status.plan.order = {"w1"};
  const auto text = print_plan({status, {}, {}});
  CHECK_THAT(text, !Catch::Contains("In the cluster now"));
  CHECK_THAT(text, Catch::Contains("every condition holds"));
  CHECK_THAT(text, !Catch::Contains("more"));
}

TEST_CASE("a plan for an object that is in the cluster says where that is") {
  api::MigrationStatus present;
  present.phase = api::Phase::Reverting;
  present.progress = "1/3";
  present.message = "w2: HandBack";
  const auto text = print_plan({{}, present, {}});
  CHECK_THAT(text, Catch::Contains("\nIn the cluster now: Reverting, 1/3: w2: HandBack\n"));
}

TEST_CASE("a plan beside an active object says only that") {
  PrintedPlan plan;
  plan.planned.message = "FlannelMigration first was here before";
  plan.another_is_active = true;
  CHECK(print_plan(plan) == "Pending: FlannelMigration first was here before\n");
}
