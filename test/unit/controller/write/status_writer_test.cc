#include "controller/write/status_writer.h"

#include "fakes/build/objects.h"
#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"
#include "unit/controller/strand.h"

#include <catch2/catch.hpp>

using namespace controller;
using namespace std::chrono_literals;

namespace {

// An API server that keeps one status.
struct World {
  fakes::FakeClock clock;
  SnapshotBuilder snapshot{{}};
  int code = 200;
  fakes::FakeTransport transport{[this](const kube::Request& request) {
    if (request.method == kube::Method::Post) return kube::Response{201, request.body};
    if (request.method == kube::Method::Get) return kube::Response{200, stored};
    if (code != 200)
      return kube::Response{code, R"({"kind":"Status","reason":")" + reason() + R"("})",
                            retry_after};
    auto body = json::Document::parse(request.body).value();
    body.set_string("/metadata/name", "m");
    body.set_string("/metadata/resourceVersion", std::to_string(++version));
    return kube::Response{200, body.dump()};
  }};
  int version = 100;
  // What a GET finds.
  std::string stored = R"({"metadata":{"name":"m","resourceVersion":"1"}})";
  std::optional<base::Duration> retry_after;
  kube::Reader reader{transport};
  kube::Writer writer{transport};
  controller_test::Strand strand;
  int done = 0;
  StatusWriter statuses{{strand.io, strand.workers, snapshot, reader, writer, clock},
                        [this] { ++done; }};
  api::MigrationStatus status;

  World() {
    auto migration = build::a_migration();
    migration.meta.name = "m";
    migration.meta.uid.clear();
    migration.meta.resource_version = "1";
    snapshot.apply(migration);
    status.phase = api::Phase::Migrating;
    status.message = "0 of 3";
  }
  const api::FlannelMigration& migration() const { return snapshot.state().migrations.at(0); }
  std::optional<std::chrono::steady_clock::time_point> want() {
    return statuses.want(migration(), status);
  }
  std::string reason() const {
    if (code == 409) return "Conflict";
    if (code == 429) return "TooManyRequests";
    return code == 422 ? "Invalid" : "NotFound";
  }
  std::vector<kube::Request> requests(kube::Method method) const {
    auto all = transport.requests();
    std::erase_if(all, [&](const auto& request) { return request.method != method; });
    return all;
  }
  std::size_t sent() const { return requests(kube::Method::Patch).size(); }
  // Events come after the answer.
  void told(std::size_t count) {
    REQUIRE(strand.run_until([&] { return requests(kube::Method::Post).size() == count; }));
  }
  void answered(int count) {
    REQUIRE(strand.run_until([&] { return done == count; }));
  }
  // As plans that come again and again do, for eight seconds.
  void want_for_eight_seconds() {
    for (int i = 0; i < 80; ++i) {
      const std::size_t before = transport.requests().size();
      const int answers = done;
      if (!want()) REQUIRE(strand.run_until([&] { return done > answers; }));
      CHECK(transport.requests().size() <= before + 1);
      clock.advance(100ms);
    }
  }
};

}  // namespace

TEST_CASE("a status is written once, as a merge patch of the subresource") {
  World world;
  CHECK_FALSE(world.want());
  CHECK_FALSE(world.want());  // on its way
  world.answered(1);
  REQUIRE(world.sent() == 1);
  const auto request = world.requests(kube::Method::Patch)[0];
  CHECK(request.to_string() == "PATCH /apis/cni-migration.io/v1alpha1/flannelmigrations/m/status");
  CHECK(request.content_type == "application/merge-patch+json");
  const auto body = json::Document::parse(request.body).value();
  CHECK(body["status"]["phase"].string() == "Migrating");
  CHECK(body["metadata"]["resourceVersion"].string() == "1");
  CHECK(body.root().size() == 2);
  CHECK(world.migration().status == world.status);
  CHECK_FALSE(world.want());
  world.clock.advance(10s);
  CHECK_FALSE(world.want());
  CHECK(world.sent() == 1);
}

TEST_CASE("a status is written at most once in a while") {
  World world;
  world.want();
  world.answered(1);
  world.status.message = "1 of 3";
  world.clock.advance(400ms);
  const auto again = world.want();
  REQUIRE(again);
  CHECK(*again >= world.clock.steady_now() + 600ms);
  CHECK(world.sent() == 1);
  world.clock.advance(
      std::chrono::duration_cast<base::Duration>(*again - world.clock.steady_now()));
  CHECK_FALSE(world.want());
  world.answered(2);
  CHECK(world.migration().status.message == "1 of 3");
}

TEST_CASE("a new phase is written at once") {
  World world;
  world.want();
  world.answered(1);
  world.status.phase = api::Phase::Completed;
  CHECK_FALSE(world.want());
  world.answered(2);
  CHECK(world.migration().status.phase == api::Phase::Completed);
}

TEST_CASE("a new phase is an Event, once") {
  World world;
  world.want();
  world.answered(1);
  world.told(1);
  const auto request = world.requests(kube::Method::Post)[0];
  CHECK(request.to_string() == "POST /api/v1/namespaces/default/events");
  const auto event = json::Document::parse(request.body).value();
  CHECK(event["involvedObject"]["kind"].string() == "FlannelMigration");
  CHECK(event["involvedObject"]["apiVersion"].string() == "cni-migration.io/v1alpha1");
  CHECK(event["involvedObject"]["name"].string() == "m");
  CHECK(event["reason"].string() == "Migrating");
  CHECK(event["message"].string() == "0 of 3");
  CHECK(event["type"].string() == "Normal");
  world.status.message = "1 of 3";
  world.clock.advance(5s);
  world.want();
  world.answered(2);
  world.status.phase = api::Phase::Blocked;
  world.want();
  world.answered(3);
  world.told(2);
  const auto second = json::Document::parse(world.requests(kube::Method::Post)[1].body).value();
  CHECK(second["reason"].string() == "Blocked");
  CHECK(second["type"].string() == "Warning");
}

TEST_CASE("that an approval is waited for is an Event, once") {
  World world;
  world.want();
  world.answered(1);
  world.told(1);
  world.status.conditions = {{"Progressing",
                              api::ConditionStatus::False,
                              std::string(api::kApprovalNeeded),
                              "annotate it",
                              1,
                              {}}};
  world.status.message = "annotate it";
  for (int i = 2; i < 4; ++i) {
    world.clock.advance(5s);
    world.want();
    world.answered(i);
    world.told(2);
    world.status.message = "annotate it, please";
  }
  const auto event = json::Document::parse(world.requests(kube::Method::Post)[1].body).value();
  CHECK(event["reason"].string() == "ApprovalNeeded");
  CHECK(event["message"].string() == "annotate it");
  CHECK(event["type"].string() == "Normal");
}

TEST_CASE("a status is not written to what its object has become meanwhile") {
  World world;
  world.code = 409;
  world.want();
  world.answered(1);
  const auto again = world.want();
  REQUIRE(again);
  CHECK(*again <= world.clock.steady_now() + 500ms);
  auto newer = world.migration();
  newer.meta.resource_version = "2";
  world.snapshot.apply(newer);
  world.clock.advance(500ms);
  world.code = 200;
  CHECK_FALSE(world.want());
  world.answered(2);
  const auto body = json::Document::parse(world.requests(kube::Method::Patch)[1].body).value();
  CHECK(body["metadata"]["resourceVersion"].string() == "2");
}

TEST_CASE("a body that the server refused is not sent again") {
  World world;
  world.code = 422;
  world.want();
  world.answered(1);
  for (int i = 0; i < 3; ++i) {
    world.clock.advance(5s);
    CHECK_FALSE(world.want());
  }
  CHECK(world.sent() == 1);
  world.code = 200;
  world.status.message = "another";
  world.want();
  world.answered(2);
  CHECK(world.migration().status.message == "another");
}

TEST_CASE("a status that could not be sent is sent again") {
  World world;
  world.code = 500;
  world.want();
  world.answered(1);
  CHECK(world.want());
  world.clock.advance(5s);
  world.code = 200;
  CHECK_FALSE(world.want());
  world.answered(2);
  CHECK(world.migration().status == world.status);
}

TEST_CASE("a migration that is gone stays gone") {
  World world;
  auto old = world.migration();
  old.meta.uid = "u";
  old.meta.resource_version = "2";
  world.snapshot.apply(old);
  world.code = 404;
  world.want();
  world.snapshot.remove(Kind::FlannelMigrations, old.meta);
  world.answered(1);
  CHECK(world.snapshot.state().migrations.empty());
}

TEST_CASE("a status that conflicts again and again is sent less and less often") {
  World world;
  world.code = 409;  // and the watch says nothing
  world.want_for_eight_seconds();
  CHECK(world.sent() >= 3);
  CHECK(world.sent() <= 10);
}

TEST_CASE("a status that fails again and again is sent less and less often, in any phase") {
  World world;
  world.code = 503;
  for (const auto phase : {api::Phase::Blocked, api::Phase::Migrating, api::Phase::Completed}) {
    world.status.phase = phase;
    world.want_for_eight_seconds();
  }
  CHECK(world.sent() >= 3);
  CHECK(world.sent() <= 12);
}

TEST_CASE("a status waits for as long as the server asks") {
  World world;
  world.code = 429;
  world.retry_after = 30s;
  world.want();
  world.answered(1);
  world.status.phase = api::Phase::Blocked;
  const auto again = world.want();
  REQUIRE(again);
  CHECK(*again == world.clock.steady_now() + 30s);
  world.clock.advance(30s);
  world.code = 200;
  CHECK_FALSE(world.want());
  world.answered(2);
  CHECK(world.migration().status.phase == api::Phase::Blocked);
}

TEST_CASE("a status that conflicts is made for the object that a read finds") {
  World world;
  world.code = 409;
  world.stored = R"({"metadata":{"name":"m","resourceVersion":"7"},"spec":{"paused":true}})";
  world.want();
  world.answered(1);
  world.clock.advance(1s);
  CHECK_FALSE(world.want());
  world.answered(2);
  CHECK(world.migration().meta.resource_version == "7");
  CHECK(world.sent() == 1);
  world.code = 200;
  CHECK_FALSE(world.want());
  world.answered(3);
  const auto body = json::Document::parse(world.requests(kube::Method::Patch)[1].body).value();
  CHECK(body["metadata"]["resourceVersion"].string() == "7");
}

TEST_CASE("what was refused of a migration says nothing of another one of its name") {
  World world;
  auto first = world.migration();
  first.meta.uid = "first";
  first.meta.resource_version = "2";
  world.snapshot.apply(first);
  world.code = 422;
  world.want();
  world.answered(1);
  world.snapshot.remove(Kind::FlannelMigrations, first.meta);
  auto second = first;
  second.meta.uid = "second";
  second.meta.resource_version = "3";
  world.snapshot.apply(second);
  world.clock.advance(5s);
  world.code = 200;
  CHECK_FALSE(world.want());
  world.answered(2);
}

TEST_CASE("what is known of a migration is forgotten with it, and not before") {
  World world;
  world.code = 503;
  world.want();
  world.statuses.prune();  // on its way
  world.answered(1);
  const auto migration = world.migration();
  for (int i = 2; i < 8; ++i) {
    world.clock.advance(60s);
    world.want();
    world.answered(i);
    world.statuses.prune();
  }
  REQUIRE(world.want());
  CHECK(*world.want() > world.clock.steady_now() + 2s);
  world.snapshot.remove(Kind::FlannelMigrations, {});
  world.snapshot.remove(Kind::FlannelMigrations, migration.meta);
  world.statuses.prune();
  world.snapshot.apply(migration);
  CHECK_FALSE(world.want());
  world.answered(8);
}
