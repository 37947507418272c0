#include "controller/write/task_runner.h"

#include "controller/snapshot/snapshot_builder.h"
#include "fakes/build/objects.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"
#include "unit/controller/strand.h"

#include <catch2/catch.hpp>

#include <deque>
#include <new>

using namespace controller;
using namespace std::chrono_literals;

namespace {

const kube::Response kDone{200, R"({"metadata":{"name":"m","resourceVersion":"5"}})"};
const kube::Response kConflict{409, R"({"kind":"Status","reason":"Conflict","message":"changed"})"};
const kube::Response kBroken{500, R"({"kind":"Status","message":"etcd is away"})"};

kube::Response throttled(std::chrono::seconds after, const std::string& cause = {}) {
  return {429,
          R"({"kind":"Status","reason":"TooManyRequests","message":"wait","details":{"causes":[)" +
              (cause.empty() ? "" : R"({"reason":")" + cause + R"("})") + "]}}",
          after};
}

struct World {
  fakes::FakeClock clock;
  SnapshotBuilder snapshot{{}};
  std::deque<kube::Response> answers;
  bool memory_runs_out = false;
  fakes::FakeTransport transport{[this](const kube::Request&) {
    if (memory_runs_out) throw std::bad_alloc();
    if (answers.empty()) return kDone;
    const auto answer = answers.front();
    answers.pop_front();
    return answer;
  }};
  kube::Reader reader{transport};
  kube::Writer writer{transport};
  ActionWriter actions{reader, writer, clock, {"flannel-migration", "image"}};
  controller_test::Strand strand;
  int done = 0;
  Metrics metrics;
  TaskRunner runner{strand.io, strand.workers, snapshot,          actions,
                    metrics,   clock,          [this] { ++done; }};

  void run(const migration::Task& task) {
    const int before = done;
    runner.submit(task, {});
    REQUIRE(strand.run_until([&] { return done > before; }));
  }
  base::Duration wait() const {
    const auto next = runner.next_free(clock.steady_now());
    return next ? std::chrono::duration_cast<base::Duration>(*next - clock.steady_now()) : 0ms;
  }
};

migration::Task delete_map(const std::string& key = "cluster") {
  return {key, {migration::DeleteConfigMap{"m"}}};
}

migration::Task evict(const std::string& uid = "u1") {
  return {migration::pod_key(uid), {migration::RemovePod{{"default", "p"}, uid, "w1"}}};
}

migration::Task cordon(const std::string& node = "w1") {
  migration::PatchNode patch{node, {}, "Probe", ""};
  patch.patch.unschedulable = true;
  return {migration::node_key(node), {patch}};
}

}  // namespace

TEST_CASE("a task is busy until its end was seen on the strand") {
  World world;
  world.runner.submit(delete_map(), {});
  CHECK(world.runner.busy() == std::set<std::string>{"cluster"});
  CHECK_FALSE(world.runner.next_free(world.clock.steady_now()));
  REQUIRE(world.strand.run_until([&] { return world.done == 1; }));
  CHECK(world.runner.busy().empty());
  CHECK(world.transport.requests().size() == 1);
}

TEST_CASE("no two tasks of a key run at once") {
  World world;
  world.runner.submit(delete_map(), {});
  world.runner.submit(delete_map(), {});
  world.runner.submit(delete_map("node/w1"), {});
  REQUIRE(world.strand.run_until([&] { return world.done == 2; }));
  CHECK(world.transport.requests().size() == 2);
  world.run(delete_map());
  CHECK(world.transport.requests().size() == 3);
}

TEST_CASE("the first action that fails ends the task") {
  World world;
  world.answers = {kDone, kBroken};
  world.run({"cluster",
             {migration::DeleteConfigMap{"a"}, migration::DeleteConfigMap{"b"},
              migration::DeleteConfigMap{"c"}}});
  CHECK(world.transport.requests().size() == 2);
  CHECK_THAT(world.snapshot.state().errors.at("cluster"), Catch::Contains("etcd is away"));
  CHECK_THAT(world.snapshot.state().errors.at("cluster"), Catch::Contains("b"));
}

TEST_CASE("a key waits longer after every failure and is free after a success") {
  World world;
  base::Duration before{0};
  for (int i = 0; i < 4; ++i) {
    world.answers = {kBroken};
    world.run(delete_map());
    CHECK(world.runner.busy() == std::set<std::string>{"cluster"});
    CHECK(world.wait() > before);
    before = world.wait();
    const auto since = world.clock.steady_now();
    world.clock.advance(before);
    CHECK(world.runner.busy().empty());
    // It waited when the plan began: its end is told though it came while the plan was made.
    CHECK(world.runner.next_free(since));
    CHECK_FALSE(world.runner.next_free(world.clock.steady_now()));
  }
  CHECK(before >= 640ms);
  world.run(delete_map());
  CHECK(world.runner.busy().empty());
  CHECK(world.snapshot.state().errors.empty());
  world.answers = {kBroken};
  world.run(delete_map());
  CHECK(world.wait() <= 100ms);
}

TEST_CASE("a Retry-After is waited for, and none of zero seconds makes it spin") {
  World world;
  world.answers = {throttled(7s)};
  world.run(delete_map());
  CHECK(world.wait() == 7s);
  world.clock.advance(7s);
  world.answers = {throttled(0s)};
  world.run(delete_map());
  CHECK(world.wait() >= 160ms);
}

TEST_CASE("a conflict is nothing that a person has to know") {
  World world;
  world.answers = {kConflict};
  world.run(delete_map());
  CHECK(world.snapshot.state().errors.empty());
  CHECK(world.runner.busy().size() == 1);
}

TEST_CASE("a node's patch counts from when it is sent until its answer is known") {
  for (const bool works : {true, false}) {
    CAPTURE(works);
    World world;
    world.snapshot.apply(build::a_node("w1"));
    const auto& node = world.snapshot.state().nodes.at("w1");
    world.answers = {works
                         ? kube::Response{200, R"({"metadata":{"name":"w1","resourceVersion":"99",)"
                                               R"("uid":"uid-w1"},"spec":{"unschedulable":true}})"}
                         : kConflict};
    world.runner.submit(cordon(), {});
    REQUIRE(node.pending);
    CHECK(node.pending->unschedulable == true);
    REQUIRE(world.strand.run_until([&] { return world.done == 1; }));
    CHECK_FALSE(node.pending);
    CHECK(node.node.unschedulable == works);
  }
}

TEST_CASE("an eviction that a budget holds is tried again later, and told") {
  World world;
  world.answers = {throttled(10s, "DisruptionBudget")};
  world.run(evict());
  CHECK(world.runner.busy() == std::set<std::string>{"pod/u1"});
  CHECK(world.wait() == 10s);
  const auto& attempt = world.snapshot.state().removals.at("u1");
  CHECK(attempt.reason == "DisruptionBudget");
  CHECK_THAT(attempt.message, Catch::Contains("PodDisruptionBudget"));
  CHECK(attempt.not_before == world.clock.now() + 10s);
  CHECK(world.snapshot.state().errors.empty());
}

TEST_CASE("a blocked eviction is not asked for more often than every five seconds") {
  World world;
  world.answers = {throttled(0s, "DisruptionBudget")};
  world.run(evict());
  CHECK(world.wait() >= 5s);
}

TEST_CASE("a pod with two budgets is told as such, and no other lasting failure is") {
  const auto [message, budgets] = GENERATE(table<std::string, bool>({
      {"This pod has more than one PodDisruptionBudget, which the eviction subresource does not "
       "support.",
       true},
      {"an admission webhook panicked", false},
      {"Internal error occurred: storage is of no use", false},
  }));
  // The API server sends the Status of two budgets with the code of a creation.
  const int code = GENERATE(500, 201);
  CAPTURE(message, code);
  World world;
  world.answers = {
      {code, R"({"kind":"Status","status":"Failure","code":500,"message":")" + message + R"("})"}};
  world.run(evict());
  const auto& told = world.snapshot.state().removals.at("u1").message;
  CAPTURE(told);
  CHECK_THAT(told, Catch::StartsWith("cannot be evicted") && Catch::Contains(message));
  CHECK((told.find("more than one PodDisruptionBudget: ") != std::string::npos) == budgets);
  CHECK(world.runner.busy().size() == 1);
}

TEST_CASE("a pod that is gone is taken from the snapshot") {
  World world;
  world.snapshot.apply(build::a_node("w1"));
  world.snapshot.set_pods("w1", std::map<std::string, api::Pod>{{"u1", build::a_pod("p", "w1")}});
  world.answers = {{404, R"({"kind":"Status","reason":"NotFound","message":"no"})"}};
  world.run(evict());
  CHECK(world.snapshot.state().nodes.at("w1").pods->empty());
  CHECK(world.runner.busy().empty());
}

TEST_CASE("the earliest key that waits is the next that is free") {
  World world;
  world.answers = {throttled(20s)};
  world.run(delete_map("a"));
  world.answers = {throttled(10s)};
  world.run(delete_map("b"));
  CHECK(world.wait() == 10s);
  world.clock.advance(10s);
  CHECK(world.runner.busy() == std::set<std::string>{"a"});
  CHECK(world.wait() == 10s);
}

TEST_CASE("failures of a task that no plan asks for any more are forgotten, and no others") {
  World world;
  for (int i = 0; i < 6; ++i) {
    world.answers = {kBroken};
    world.run(delete_map());
    world.clock.advance(world.wait());
    world.runner.prune();
  }
  world.answers = {kBroken};
  world.run(delete_map());
  CHECK(world.wait() > 3s);
  CHECK(world.snapshot.state().errors.size() == 1);
  world.clock.advance(world.wait() + 61s);
  world.runner.submit(delete_map("node/w1"), {});
  world.runner.prune();
  CHECK(world.runner.busy() == std::set<std::string>{"node/w1"});
  CHECK(world.snapshot.state().errors.empty());
  REQUIRE(world.strand.run_until([&] { return world.runner.busy().empty(); }));
  world.answers = {kBroken};
  world.run(delete_map());
  CHECK(world.wait() <= 100ms);
}

TEST_CASE("memory that runs out on a worker ends the strand, and not the process at once") {
  World world;
  world.memory_runs_out = true;
  world.runner.submit(delete_map(), {});
  CHECK_THROWS_AS(world.strand.run_until([&] { return world.done > 0; }), std::bad_alloc);
}
