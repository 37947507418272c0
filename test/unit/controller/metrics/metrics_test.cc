#include "controller/serve/metrics.h"

#include <catch2/catch.hpp>

using namespace controller;
using Catch::Contains;

namespace {

api::MigrationStatus a_status() {
  api::MigrationStatus status;
  status.nodes.total = 5;
  status.nodes.calico = 2;
  api::Condition degraded;
  degraded.type = "Degraded";
  degraded.status = api::ConditionStatus::True;
  status.conditions = {degraded};
  api::Finding finding;
  finding.severity = api::Severity::Block;
  status.preflight = {finding, finding};
  return status;
}

}  // namespace

TEST_CASE("metrics say what the status says") {
  Metrics metrics;
  metrics.observe(a_status());
  const auto text = metrics.text();
  CHECK_THAT(text, Contains("flannel_migration_nodes{state=\"total\"} 5\n"));
  CHECK_THAT(text, Contains("flannel_migration_nodes{state=\"calico\"} 2\n"));
  CHECK_THAT(text, Contains("flannel_migration_condition{type=\"Degraded\"} 1\n"));
  CHECK_THAT(text, Contains("flannel_migration_preflight_checks{severity=\"Block\"} 2\n"));
  CHECK_THAT(text, Contains("flannel_migration_preflight_checks{severity=\"Warn\"} 0\n"));
}

TEST_CASE("nothing is said of a FlannelMigration that is gone") {
  Metrics metrics;
  metrics.observe(a_status());
  metrics.forget();
  CHECK_THAT(metrics.text(), !Contains("state=") && !Contains("Degraded") && !Contains("Block"));
  CHECK_THAT(metrics.text(), Contains("flannel_migration_info"));
  metrics.observe(a_status());
  CHECK_THAT(metrics.text(), Contains("flannel_migration_condition{type=\"Degraded\"} 1\n"));
}
