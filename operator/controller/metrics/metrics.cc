#include "controller/metrics/metrics.h"

#include "api/status_words.h"
#include "controller/metrics/step_times.h"
#include "controller/program/version.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <map>

namespace controller {
namespace {

using Gauges = prometheus::Family<prometheus::Gauge>;
using Counters = prometheus::Family<prometheus::Counter>;
using Histograms = prometheus::Family<prometheus::Histogram>;
using Buckets = prometheus::Histogram::BucketBoundaries;

const Buckets kPlanBuckets{0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1};
const Buckets kRequestBuckets{0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30};
// A step takes a second where nothing is waited for, and Refresh an hour where budgets hold.
const Buckets kStepBuckets{1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600};

template <typename Builder>
auto& family(Builder builder, prometheus::Registry& registry, const char* name, const char* help) {
  return builder.Name(name).Help(help).Register(registry);
}

std::string_view to_string(Removal result) {
  switch (result) {
    case Removal::Granted:
      return "granted";
    case Removal::Budget:
      return "budget";
    case Removal::Throttled:
      return "throttled";
    case Removal::Failed:
      return "failed";
  }
  return "failed";
}

double value_of(api::ConditionStatus status) {
  if (status == api::ConditionStatus::Unknown) return -1;
  return status == api::ConditionStatus::True ? 1 : 0;
}

double seconds_of(base::TimePoint when) {
  return std::chrono::duration<double>(when.time_since_epoch()).count();
}

}  // namespace

struct Metrics::Impl {
  Gauges& gauges(const char* name, const char* help) {
    return family(prometheus::BuildGauge(), registry, name, help);
  }
  Counters& counters(const char* name, const char* help) {
    return family(prometheus::BuildCounter(), registry, name, help);
  }
  Histograms& histograms(const char* name, const char* help) {
    return family(prometheus::BuildHistogram(), registry, name, help);
  }

  void set(Gauges& family, const prometheus::Labels& labels, double value) {
    auto& gauge = family.Add(labels);
    gauge.Set(value);
    shown.emplace(&gauge, &family);
  }
  void drop(Gauges& of) {
    std::erase_if(shown, [&of](const auto& entry) {
      if (entry.second == &of) of.Remove(entry.first);
      return entry.second == &of;
    });
  }

  prometheus::Counter& tasks_by(bool done) {
    return tasks.Add({{"result", done ? "done" : "failed"}});
  }
  prometheus::Counter& removals_by(Removal result) {
    return removals.Add({{"result", std::string(to_string(result))}});
  }

  void set_nodes(const api::NodeCounts& counts);
  void set_findings(const api::MigrationStatus& status);
  void add_step_times(const api::MigrationStatus& status, api::Target target, base::TimePoint now);

  prometheus::Registry registry;
  Gauges& info = gauges("flannel_migration_info", "Version of the operator; always 1.");
  Gauges& leading =
      gauges("flannel_migration_leader", "Whether this replica holds the lease, and writes.");
  Gauges& phases = gauges("flannel_migration_phase",
                          "Phase of the active FlannelMigration: 1 for the one it is in.");
  Gauges& nodes = gauges("flannel_migration_nodes", "Nodes by where they are.");
  Gauges& conditions =
      gauges("flannel_migration_condition",
             "Conditions of the active FlannelMigration: 1 true, 0 false, -1 unknown.");
  Gauges& checks = gauges("flannel_migration_preflight_checks", "Preflight findings by severity.");
  Gauges& findings = gauges("flannel_migration_finding",
                            "Preflight findings by id and severity; 1 while there is one.");
  Gauges& completion = gauges("flannel_migration_estimated_completion_timestamp_seconds",
                              "When the last node is estimated to arrive, in Unix time.");
  Histograms& steps = histograms("flannel_migration_node_step_duration_seconds",
                                 "Time that a node was in a step, by step and target.");
  prometheus::Histogram& plans =
      histograms("flannel_migration_plan_duration_seconds", "Time to compute one plan.")
          .Add({}, kPlanBuckets);
  Counters& tasks = counters("flannel_migration_tasks_total", "Tasks of plans by result.");
  Counters& removals = counters(
      "flannel_migration_pod_removals_total",
      "Requests to evict or delete a pod by result; budget: a PodDisruptionBudget held it.");
  Counters& watch_failures =
      counters("flannel_migration_watch_failures_total", "Lists and watches that failed, by kind.");
  Counters& requests =
      counters("flannel_migration_api_requests_total",
               "Requests to the API server by verb and status code; <error>: without an answer.");
  Histograms& request_times =
      histograms("flannel_migration_api_request_duration_seconds",
                 "Time from a request to its answer by verb; lists and watches are not counted.");
  std::map<prometheus::Gauge*, Gauges*> shown;  // of the active FlannelMigration
  StepTimes step_times;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {
  impl_->info.Add({{"version", std::string(kProgramVersion)}}).Set(1);
  impl_->leading.Add({}).Set(0);
  // From the beginning, so that a first one is seen as an increase.
  for (const bool done : {true, false}) impl_->tasks_by(done);
  for (const auto result : {Removal::Granted, Removal::Budget, Removal::Throttled, Removal::Failed})
    impl_->removals_by(result);
}

Metrics::~Metrics() = default;

void Metrics::Impl::set_nodes(const api::NodeCounts& counts) {
  const std::pair<const char*, int> states[] = {
      {"total", counts.total},         {"flannel", counts.flannel},
      {"migrating", counts.migrating}, {"refreshing", counts.refreshing},
      {"calico", counts.calico},       {"failed", counts.failed},
      {"skipped", counts.skipped}};
  for (const auto& [state, count] : states) set(nodes, {{"state", state}}, count);
}

void Metrics::Impl::set_findings(const api::MigrationStatus& status) {
  for (const auto& [severity, word] : api::kSeverities) {
    double count = 0;
    for (const auto& finding : status.preflight) count += finding.severity == severity ? 1 : 0;
    set(checks, {{"severity", std::string(word)}}, count);
  }
  drop(findings);
  for (const auto& finding : status.preflight)
    set(findings, {{"id", finding.id}, {"severity", std::string(to_string(finding.severity))}}, 1);
}

void Metrics::Impl::add_step_times(const api::MigrationStatus& status, api::Target target,
                                   base::TimePoint now) {
  for (const auto& ended : step_times.ended(status.active, now)) {
    steps.Add({{"step", ended.step}, {"target", std::string(api::to_string(target))}}, kStepBuckets)
        .Observe(ended.seconds);
  }
}

void Metrics::observe(const api::MigrationStatus& status, api::Target target, base::TimePoint now) {
  for (const auto& [phase, word] : api::kPhases)
    impl_->set(impl_->phases, {{"phase", std::string(word)}}, phase == status.phase ? 1 : 0);
  impl_->set_nodes(status.nodes);
  for (const auto& condition : status.conditions)
    impl_->set(impl_->conditions, {{"type", condition.type}}, value_of(condition.status));
  impl_->set_findings(status);
  impl_->drop(impl_->completion);
  if (status.estimated_completion_time)
    impl_->set(impl_->completion, {}, seconds_of(*status.estimated_completion_time));
  impl_->add_step_times(status, target, now);
}

void Metrics::forget() {
  for (const auto& [gauge, family] : impl_->shown) family->Remove(gauge);
  impl_->shown.clear();
  impl_->step_times.forget();
}

void Metrics::count_plan(double seconds) { impl_->plans.Observe(seconds); }

void Metrics::count_task(bool done) { impl_->tasks_by(done).Increment(); }

void Metrics::count_removal(Removal result) { impl_->removals_by(result).Increment(); }

void Metrics::count_watch_failure(const std::string& what) {
  impl_->watch_failures.Add({{"kind", what}}).Increment();
}

void Metrics::count_request(std::string_view verb, const std::string& code, double seconds) {
  count_stream(verb, code);
  impl_->request_times.Add({{"verb", std::string(verb)}}, kRequestBuckets).Observe(seconds);
}

void Metrics::count_stream(std::string_view verb, const std::string& code) {
  impl_->requests.Add({{"verb", std::string(verb)}, {"code", code}}).Increment();
}

void Metrics::set_leading(bool leading) { impl_->leading.Add({}).Set(leading ? 1 : 0); }

std::string Metrics::text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace controller
