#include "migration/node/drain_policy.h"

#include "api/names.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

constexpr auto kMinimal = api::DrainMode::Minimal;
constexpr auto kFull = api::DrainMode::Full;

PodChange of_daemon_set() { return owned_by("DaemonSet", "log-agent", "uid-log-agent"); }

PodChange the_operator() {
  return [](api::Pod& pod) {
    pod.meta.ns = "flannel-migration";
    pod.meta.labels[std::string(api::kNameLabel)] = std::string(api::kProduct);
  };
}

api::FlannelMigration with_drain(api::DrainMode mode,
                                 api::UnmanagedPods unmanaged = api::UnmanagedPods::Evict) {
  auto migration = a_migration();
  migration.spec->drain.mode = mode;
  migration.spec->drain.unmanaged_pods = unmanaged;
  return migration;
}

// w1 with one pod, "a".
ClusterState one_pod(const api::Pod& pod) {
  auto cluster = a_cluster_of();
  cluster.nodes.at("w1").pods = {{pod.meta.uid, pod}};
  return cluster;
}

struct Evacuated {
  Evacuation result;
  Plan plan;
};

Evacuated evacuate_one(const ClusterState& cluster, const api::FlannelMigration& migration,
                       base::Duration waited, Purpose purpose = Purpose::Refresh) {
  const Surveyed seen(cluster, migration, start_time() + waited);
  PlanBuilder builder(seen.survey);
  auto result = evacuate(builder, seen.node("w1"), purpose, start_time(),
                         [](const api::Pod&) { return true; });
  return {std::move(result), std::move(builder).take()};
}

}  // namespace

TEST_CASE("a pod is judged by what it is and why it has to go") {
  using Verdicts = std::array<Verdict, 3>;  // Drain, Refresh, Leftovers
  constexpr auto kIgnore = Verdict::Ignore;
  constexpr auto kRemove = Verdict::Remove;
  constexpr auto kGone = Verdict::Gone;
  constexpr auto kStuck = Verdict::Stuck;
  const auto [what, mode, change, wanted] =
      GENERATE(table<std::string, api::DrainMode, PodChange, Verdicts>({
          {"a ReplicaSet's", kMinimal, bare(), {kRemove, kRemove, kRemove}},
          {"a DaemonSet's", kMinimal, of_daemon_set(), {kIgnore, kRemove, kRemove}},
          {"finished", kMinimal, in_phase("Succeeded"), {kIgnore, kIgnore, kIgnore}},
          {"on its way out", kMinimal, terminating(), {kGone, kGone, kGone}},
          {"on the host's network", kMinimal, host_network(), {kIgnore, kIgnore, kIgnore}},
          {"on the host's network, all go", kFull, host_network(), {kRemove, kRemove, kIgnore}},
          {"static", kMinimal, static_pod(), {kIgnore, kStuck, kStuck}},
          {"the operator's own", kMinimal, the_operator(), {kIgnore, kIgnore, kIgnore}},
      }));
  CAPTURE(what);
  const Surveyed seen(a_cluster_of(), with_drain(mode));
  const auto pod = a_pod("a", "w1", with_ip("10.244.1.5"), change);
  CHECK(judge(seen.survey, pod, Purpose::Drain).verdict == wanted[0]);
  CHECK(judge(seen.survey, pod, Purpose::Refresh).verdict == wanted[1]);
  CHECK(judge(seen.survey, pod, Purpose::Leftovers).verdict == wanted[2]);
}

TEST_CASE("a pod that would come back with the same address is left to a person") {
  const auto key = GENERATE(api::kCalicoFixedIps, api::kCalicoFixedIpsNoIpam);
  const Surveyed seen(a_cluster_of(), with_drain(kMinimal));
  auto pod = a_pod("a", "w1", with_ip("10.244.99.5"));
  CHECK(judge(seen.survey, pod, Purpose::Gather).verdict == Verdict::Remove);
  pod.meta.annotations[std::string(key)] = R"(["10.244.99.5"])";
  const auto verdict = judge(seen.survey, pod, Purpose::Gather);
  CHECK(verdict.verdict == Verdict::Stuck);
  CHECK_THAT(verdict.why, Catch::Contains(std::string(key)));
  CHECK(judge(seen.survey, pod, Purpose::Refresh).verdict == Verdict::Remove);
}

TEST_CASE("a pod without a controller is kept when the user says so, until it has no network") {
  const Surveyed seen(a_cluster_of(), with_drain(kMinimal, api::UnmanagedPods::Keep));
  const auto pod = a_pod("a", "w1", bare());
  CHECK(judge(seen.survey, pod, Purpose::Refresh).verdict == Verdict::Stuck);
  CHECK_THAT(judge(seen.survey, pod, Purpose::Refresh).why, Catch::Contains("unmanagedPods"));
  CHECK(judge(seen.survey, pod, Purpose::Leftovers).verdict == Verdict::Remove);
}

TEST_CASE("a pod is evicted, and deleted only where that was asked for") {
  const auto [purpose, policy, waited, removal] =
      GENERATE(table<Purpose, api::OnTimeout, int, Removal>({
          {Purpose::Refresh, api::OnTimeout::Pause, 0, Removal::Evict},
          {Purpose::Refresh, api::OnTimeout::Pause, 900'000, Removal::Evict},
          {Purpose::Refresh, api::OnTimeout::Force, 0, Removal::Evict},
          {Purpose::Refresh, api::OnTimeout::Force, 900'000, Removal::Delete},
          {Purpose::Leftovers, api::OnTimeout::Pause, 0, Removal::Delete},
      }));
  auto migration = with_drain(kMinimal);
  migration.spec->drain.on_timeout = policy;
  migration.spec->drain.grace_period_seconds = 7;
  const auto done =
      evacuate_one(one_pod(a_pod("a", "w1")), migration, base::Duration(waited), purpose);
  CHECK(done.result.remaining == 1);
  CHECK(done.result.timed_out == (waited > 0));
  REQUIRE(done.plan.tasks.size() == 1);
  CHECK(done.plan.tasks.front().key == "pod/uid-a");
  CHECK(std::get<RemovePod>(done.plan.tasks.front().actions.front()) ==
        RemovePod{{"default", "a"}, "uid-a", "w1", 7, removal});
}

TEST_CASE("a budget that refused is not asked again before its time, and is named") {
  auto cluster = one_pod(a_pod("a", "w1"));
  cluster.removals["uid-a"] = {start_time() + base::Duration(5'000), "DisruptionBudget",
                               "is held by budget web"};
  const auto early = evacuate_one(cluster, with_drain(kMinimal), base::Duration(4'000));
  CHECK(early.plan.tasks.empty());
  CHECK(early.plan.requeue_after == base::Duration(1'000));
  CHECK(early.result.message == "pod default/a is held by budget web");
  const auto late = evacuate_one(cluster, with_drain(kMinimal), base::Duration(5'000));
  CHECK(late.plan.tasks.size() == 1);
  CHECK(late.result.message == "pod default/a is held by budget web");
}

TEST_CASE("a removal does not wait for a clock that was set back") {
  auto cluster = one_pod(a_pod("a", "w1"));
  cluster.removals["uid-a"] = {start_time() + std::chrono::hours(1), "", ""};
  const auto back = evacuate_one(cluster, with_drain(kMinimal), base::Duration(0));
  CHECK(back.plan.tasks.size() == 1);
  const auto soon = evacuate_one(cluster, with_drain(kMinimal), std::chrono::minutes(59));
  CHECK(soon.plan.tasks.empty());
}

TEST_CASE("nothing is done for a pod that is ending, and it is waited for") {
  const auto done = evacuate_one(one_pod(a_pod("a", "w1", terminating())), with_drain(kMinimal),
                                 base::Duration(0));
  CHECK(done.plan.tasks.empty());
  CHECK(done.result.remaining == 1);
  CHECK(done.result.message == "1 pod still to be replaced; default/a is ending");
  CHECK(done.plan.requeue_after == base::Duration(600'000));
}
