#include "controller/plan_command/plan_printer.h"

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
  const auto text = print_plan({{}, status, {}, {{"w2", "on calico"}}});
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
  const auto text = print_plan({{}, status, {}, {}});
  CHECK_THAT(text, !Catch::Contains("In the cluster now"));
  CHECK_THAT(text, Catch::Contains("every condition holds"));
  CHECK_THAT(text, !Catch::Contains("more"));
}

TEST_CASE("a plan for an object that is in the cluster says where that is") {
  api::MigrationStatus present;
  present.phase = api::Phase::Reverting;
  present.progress = "1/3";
  present.message = "w2: HandBack";
  const auto text = print_plan({{}, {}, present, {}});
  CHECK_THAT(text, Catch::Contains("\nIn the cluster now: Reverting, 1/3: w2: HandBack\n"));
}

TEST_CASE("a plan tells how many nodes move at once, and what they wait for") {
  PrintedPlan plan;
  plan.planned.nodes.total = 9;
  plan.planned.plan.nodes = 9;
  plan.spec.rollout.max_unavailable = {25, true};
  const std::string most = "  at most 2 nodes out of service at once (rollout.maxUnavailable 25%)";
  CHECK_THAT(print_plan(plan), Catch::Contains(most + "\n"));
  plan.spec.rollout.soak = base::Duration(30'000);
  plan.spec.rollout.canary.nodes = 2;
  CHECK_THAT(print_plan(plan), Catch::Contains("  the first 2 as canaries, one at a time\n" + most +
                                               "; each soaks for 30s\n"));
  plan.spec.rollout.canary = {1, base::Duration(600'000), api::Approval::Manual};
  CHECK_THAT(print_plan(plan),
             Catch::Contains("  the first 1 as canaries, one at a time; then soak "
                             "for 10m; then wait for an approval\n"));
  plan.spec.rollout.canary.nodes = 9;
  CHECK_THAT(print_plan(plan), Catch::Contains("  all as canaries, one at a time\n"));
  plan.spec.target = api::Target::Flannel;
  CHECK_THAT(print_plan(plan), !Catch::Contains("canaries"));
}

TEST_CASE("a plan beside an active object says only that") {
  PrintedPlan plan;
  plan.planned.message = "FlannelMigration first was here before";
  plan.another_is_active = true;
  CHECK(print_plan(plan) == "Pending: FlannelMigration first was here before\n");
}
