#include "controller/metrics/metrics.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace controller;
using Catch::Contains;

namespace {

api::MigrationStatus a_status() {
  api::MigrationStatus status;
  status.phase = api::Phase::Blocked;
  status.nodes.total = 5;
  status.nodes.calico = 2;
  api::Condition degraded;
  degraded.type = "Degraded";
  degraded.status = api::ConditionStatus::True;
  status.conditions = {degraded};
  api::Finding finding;
  finding.severity = api::Severity::Block;
  finding.id = "FlannelSingle";
  status.preflight = {finding, finding};
  return status;
}

}  // namespace

TEST_CASE("metrics say what the status says") {
  Metrics metrics;
  metrics.observe(a_status(), api::Target::Calico, build::start_time());
  const auto text = metrics.text();
  CHECK_THAT(text, Contains("flannel_migration_nodes{state=\"total\"} 5\n"));
  CHECK_THAT(text, Contains("flannel_migration_nodes{state=\"calico\"} 2\n"));
  CHECK_THAT(text, Contains("flannel_migration_condition{type=\"Degraded\"} 1\n"));
  CHECK_THAT(text, Contains("flannel_migration_preflight_checks{severity=\"Block\"} 2\n"));
  CHECK_THAT(text, Contains("flannel_migration_preflight_checks{severity=\"Warn\"} 0\n"));
  CHECK_THAT(text,
             Contains("flannel_migration_finding{id=\"FlannelSingle\",severity=\"Block\"} 1\n"));
  CHECK_THAT(text, Contains("flannel_migration_phase{phase=\"Blocked\"} 1\n"));
  CHECK_THAT(text, Contains("flannel_migration_phase{phase=\"Migrating\"} 0\n"));
}

TEST_CASE("nothing is said of a FlannelMigration that is gone") {
  Metrics metrics;
  metrics.observe(a_status(), api::Target::Calico, build::start_time());
  metrics.forget();
  CHECK_THAT(metrics.text(), !Contains("state=") && !Contains("Degraded") && !Contains("Block"));
  CHECK_THAT(metrics.text(), Contains("flannel_migration_info"));
  metrics.observe(a_status(), api::Target::Calico, build::start_time());
  CHECK_THAT(metrics.text(), Contains("flannel_migration_condition{type=\"Degraded\"} 1\n"));
}

TEST_CASE("a finding that is gone is told no more") {
  Metrics metrics;
  auto status = a_status();
  metrics.observe(status, api::Target::Calico, build::start_time());
  status.preflight.clear();
  metrics.observe(status, api::Target::Calico, build::start_time());
  CHECK_THAT(metrics.text(), !Contains("FlannelSingle"));
}

TEST_CASE("the time of a step is told when the next one has begun") {
  const auto start = build::start_time();
  Metrics metrics;
  auto status = a_status();
  status.active = {{"w001", "HandOver", start, 1, {}}};
  metrics.observe(status, api::Target::Calico, start);
  CHECK_THAT(metrics.text(), !Contains("HandOver"));
  status.active.front() = {"w001", "StartCalico", start + base::Duration(4'000), 1, {}};
  metrics.observe(status, api::Target::Calico, start + base::Duration(4'000));
  CHECK_THAT(metrics.text(), Contains("flannel_migration_node_step_duration_seconds_sum{step="
                                      "\"HandOver\",target=\"Calico\"} 4\n"));
}

TEST_CASE("what was asked of the API server is counted by verb and code") {
  Metrics metrics;
  metrics.count_request("PATCH", "409", 0.2);
  metrics.count_stream("GET", "<error>");
  const auto text = metrics.text();
  CHECK_THAT(text,
             Contains("flannel_migration_api_requests_total{code=\"409\",verb=\"PATCH\"} 1\n"));
  CHECK_THAT(text,
             Contains("flannel_migration_api_requests_total{code=\"<error>\",verb=\"GET\"} 1\n"));
  CHECK_THAT(text,
             Contains("flannel_migration_api_request_duration_seconds_count{verb=\"PATCH\"} 1\n"));
}

TEST_CASE("a replica tells whether it leads") {
  Metrics metrics;
  CHECK_THAT(metrics.text(), Contains("flannel_migration_leader 0\n"));
  metrics.set_leading(true);
  CHECK_THAT(metrics.text(), Contains("flannel_migration_leader 1\n"));
}
