#include "scenario/expect.h"
#include "scenario/lagging_view.h"

using namespace build;
using namespace scenario;

namespace {

migration::ClusterState tiny_cluster() {
  return a_flannel_cluster(nodes(2), control_planes(1), operator_on("cp1"));
}

// Forth and back, and everything as it was.
void there_and_back(FakeCluster& cluster, Driver& driver, const Picture& before) {
  expect_migrated(driver);
  to_flannel(cluster);
  expect_reverted(cluster, driver, before);
}

int calls_there_and_back() {
  FakeCluster cluster(tiny_cluster());
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.run();
  to_flannel(cluster);
  driver.run();
  return driver.calls;
}

}  // namespace

TEST_CASE("the process ends after every single action") {
  const auto how = GENERATE(api::Method::HandOver, api::Method::Drain);
  FakeCluster cluster(a_flannel_cluster(nodes(3), control_planes(1)));
  const auto before = cluster.picture();
  cluster.create(a_migration(method(how)));
  Driver driver(cluster);
  driver.rules.agents_may_cut = how == api::Method::Drain;
  driver.restart_after_each = true;
  there_and_back(cluster, driver, before);
}

TEST_CASE("each call fails once") {
  const auto failure = GENERATE(Failure::Conflict, Failure::Lost, Failure::AnswerLost);
  const int calls = calls_there_and_back();
  REQUIRE(calls > 50);
  for (int failing = 1; failing <= calls; failing += FM_STRIDE) {
    CAPTURE(failing);
    FakeCluster cluster(tiny_cluster());
    const auto before = cluster.picture();
    cluster.create(a_migration());
    Driver driver(cluster);
    driver.fail = [failing, failure](int call, const migration::Action&) {
      return call == failing ? failure : Failure::None;
    };
    there_and_back(cluster, driver, before);
  }
}

TEST_CASE("every third call fails") {
  FakeCluster cluster(tiny_cluster());
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  driver.fail = [](int call, const migration::Action& action) {
    const bool handle = std::holds_alternative<migration::DeleteHandle>(action);
    if (call % 3 != 0 || handle) return Failure::None;
    return call % 2 == 0 ? Failure::AnswerLost : Failure::Conflict;
  };
  there_and_back(cluster, driver, before);
}

TEST_CASE("watches are late and out of order") {
  const auto seed = GENERATE(range(1u, FM_WALKS + 1u));
  const auto odds = GENERATE(2u, 6u);
  const auto answers = GENERATE(Answers::AtOnce, Answers::Late);
  CAPTURE(seed, odds, answers == Answers::Late);
  FakeCluster cluster(a_flannel_cluster(nodes(3), control_planes(1)));
  const auto before = cluster.picture();
  cluster.create(a_migration());
  Driver driver(cluster);
  LaggingView view(cluster, seed, odds, answers);
  driver.see = [&](const auto& tracked) { return view.look(tracked); };
  driver.done = [&](const auto& action) { view.wrote(action); };
  driver.patience = 200;
  driver.limit = 20'000;
  there_and_back(cluster, driver, before);
}

TEST_CASE("an error goes with the last try, also where its answer was lost") {
  FakeCluster cluster(a_flannel_cluster(nodes(1)));
  cluster.create(a_migration());
  Driver driver(cluster);
  bool lost = false;
  driver.fail = [&lost](int, const migration::Action& action) {
    const auto* patch = std::get_if<migration::PatchNode>(&action);
    if (lost || patch == nullptr || patch->patch.labels.empty() ||
        !patch->patch.labels.contains(std::string(api::kInProgressLabel)) ||
        patch->patch.labels.at(std::string(api::kInProgressLabel)))
      return Failure::None;
    lost = true;
    return Failure::AnswerLost;
  };
  expect_migrated(driver);
  CHECK(lost);
  CHECK(driver.status().message.find("last error") == std::string::npos);
}
