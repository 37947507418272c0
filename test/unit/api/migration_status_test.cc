#include "api/migration_status.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using api::MigrationStatus;
using parsed::document;

namespace {

const auto kTime = parsed::time("2026-08-22T13:33:20Z");

MigrationStatus full_status() {
  MigrationStatus status;
  status.observed_generation = 3;
  status.phase = api::Phase::Migrating;
  status.message = "moving n2";
  status.start_time = kTime;
  status.completion_time = kTime;
  status.estimated_completion_time = kTime;
  status.eta = "4m10s";
  status.progress = "1/3";
  status.conditions = {{"Progressing", api::ConditionStatus::True, "Moving", "m", 3, kTime}};
  status.detected = {{"flannel.vni", "1", "ConfigMap"}};
  status.preflight = {{"Backend", api::Severity::Warn, "o", "w", "f"}};
  status.plan = {3, 3, {"n1", "n2", "n3"}, "flannel-migration-plan"};
  status.nodes = {3, 1, 1, 0, 1, 0, 0};
  status.active = {{"n2", "Verify", kTime, 1, "waiting"}};
  status.failed = {{"n3", "HandOver", std::nullopt, 3, "no"}};
  status.revertible = {false, "not now"};
  return status;
}

}  // namespace

TEST_CASE("a status is read as it was written") {
  CHECK(api::parse_migration_status(document(api::render(full_status())).root()) == full_status());
  CHECK(api::parse_migration_status(document(api::render(MigrationStatus{})).root()) ==
        MigrationStatus{});
}

TEST_CASE("what is gone is named in a patch, so that it is taken away") {
  CHECK(document(api::render(MigrationStatus{})) ==
        document(R"({"observedGeneration":0,"phase":"Pending","message":null,
    "startTime":null,"completionTime":null,"estimatedCompletionTime":null,"eta":null,"progress":null,
    "conditions":[],"detected":[],"preflight":[],"plan":null,"nodes":null,
    "active":[],"failed":[],"revertible":{"possible":true,"message":null}})"));
}

TEST_CASE("a status is written under the names of the API") {
  CHECK(document(api::render(full_status())) ==
        document(R"({"observedGeneration":3,"phase":"Migrating","message":"moving n2",
    "startTime":"2026-08-22T13:33:20Z","completionTime":"2026-08-22T13:33:20Z","estimatedCompletionTime":"2026-08-22T13:33:20Z",
    "eta":"4m10s","progress":"1/3",
    "conditions":[{"type":"Progressing","status":"True","reason":"Moving","message":"m","observedGeneration":3,"lastTransitionTime":"2026-08-22T13:33:20Z"}],
    "detected":[{"name":"flannel.vni","value":"1","source":"ConfigMap"}],
    "preflight":[{"id":"Backend","severity":"Warn","observed":"o","wanted":"w","fix":"f"}],
    "plan":{"nodes":3,"waves":3,"order":["n1","n2","n3"],"fullPlan":"flannel-migration-plan"},
    "nodes":{"total":3,"flannel":1,"migrating":1,"refreshing":0,"calico":1,"failed":0,"skipped":0},
    "active":[{"name":"n2","step":"Verify","since":"2026-08-22T13:33:20Z","attempt":1,"message":"waiting"}],
    "failed":[{"name":"n3","step":"HandOver","attempt":3,"message":"no"}],
    "revertible":{"possible":false,"message":"not now"}})"));
}

TEST_CASE("lists are cut to what the API server accepts") {
  auto status = full_status();
  status.active.assign(51, status.active[0]);
  status.failed.assign(51, status.failed[0]);
  status.plan.order.assign(51, "n");
  status.preflight.assign(101, status.preflight[0]);
  status.detected.assign(101, status.detected[0]);
  const auto read = api::parse_migration_status(document(api::render(status)).root());
  CHECK(read.active.size() == 50);
  CHECK(read.failed.size() == 50);
  CHECK(read.plan.order.size() == 50);
  CHECK(read.preflight.size() == 100);
  CHECK(read.detected.size() == 100);
}

TEST_CASE("a status of wrong types reads as an empty one") {
  const std::string text = GENERATE(
      "null", "[]", "7",
      R"({"phase":"Somewhere","startTime":"yesterday","conditions":{},"nodes":[],"active":"x",
    "observedGeneration":"3","plan":7,"revertible":[]})",
      R"({"nodes":{"total":1e99,"failed":18446744073709551615}})");
  CAPTURE(text);
  CHECK(api::parse_migration_status(document(text).root()) == MigrationStatus{});
}

TEST_CASE("every phase is read back from its word") {
  for (int i = 0; i <= static_cast<int>(api::Phase::Reverted); ++i) {
    const auto phase = static_cast<api::Phase>(i);
    CHECK_FALSE(api::to_string(phase).empty());
    CHECK(api::parse_phase(api::to_string(phase)) == phase);
  }
  CHECK(api::to_string(api::Phase::PreparingIPAM) == "PreparingIPAM");
  CHECK_FALSE(api::parse_phase(""));
  CHECK_FALSE(api::parse_phase("pending"));
  CHECK(api::to_string(api::Severity::Block) == "Block");
}
