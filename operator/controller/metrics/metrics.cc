#include "controller/serve/metrics.h"

#include "controller/program/version.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <map>

namespace controller {
namespace {

using Gauges = prometheus::Family<prometheus::Gauge>;

Gauges& gauges(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
}

}  // namespace

struct Metrics::Impl {
  void set(Gauges& family, const char* label, const std::string& which, double value) {
    auto& gauge = family.Add({{label, which}});
    gauge.Set(value);
    shown.emplace(&gauge, &family);
  }

  prometheus::Registry registry;
  Gauges& info = gauges(registry, "flannel_migration_info", "Version of the operator; always 1.");
  Gauges& nodes = gauges(registry, "flannel_migration_nodes", "Nodes by where they are.");
  Gauges& conditions =
      gauges(registry, "flannel_migration_condition",
             "Conditions of the active FlannelMigration: 1 true, 0 false, -1 unknown.");
  Gauges& checks =
      gauges(registry, "flannel_migration_preflight_checks", "Preflight findings by severity.");
  prometheus::Histogram& plans =
      prometheus::BuildHistogram()
          .Name("flannel_migration_plan_duration_seconds")
          .Help("Time to compute one plan.")
          .Register(registry)
          .Add({}, prometheus::Histogram::BucketBoundaries{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1});
  std::map<prometheus::Gauge*, Gauges*> shown;  // of the active FlannelMigration
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  impl_->info.Add({{"version", std::string(kProgramVersion)}}).Set(1);
}

Metrics::~Metrics() = default;

void Metrics::observe(const api::MigrationStatus& status) {
  const auto set = [this](const char* state, int value) {
    impl_->set(impl_->nodes, "state", state, value);
  };
  set("total", status.nodes.total);
  set("flannel", status.nodes.flannel);
  set("migrating", status.nodes.migrating);
  set("refreshing", status.nodes.refreshing);
  set("calico", status.nodes.calico);
  set("failed", status.nodes.failed);
  set("skipped", status.nodes.skipped);
  for (const auto& condition : status.conditions) {
    const double value = condition.status == api::ConditionStatus::True    ? 1
                         : condition.status == api::ConditionStatus::False ? 0
                                                                           : -1;
    impl_->set(impl_->conditions, "type", condition.type, value);
  }
  for (const auto severity : {api::Severity::Block, api::Severity::Warn, api::Severity::Info}) {
    double count = 0;
    for (const auto& finding : status.preflight) count += finding.severity == severity ? 1 : 0;
    impl_->set(impl_->checks, "severity", std::string(to_string(severity)), count);
  }
}

void Metrics::forget() {
  for (const auto& [gauge, family] : impl_->shown) family->Remove(gauge);
  impl_->shown.clear();
}

void Metrics::count_plan(double seconds) { impl_->plans.Observe(seconds); }

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace controller
