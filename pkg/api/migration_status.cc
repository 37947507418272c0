#include "api/migration_status.h"

#include "api/read_values.h"
#include "api/status_words.h"

#include <algorithm>

namespace api {
namespace {

template <typename T, typename Parse>
std::vector<T> parse_list(json::View list, Parse parse) {
  std::vector<T> parsed;
  for (const auto& element : list.items()) parsed.push_back(parse(element));
  return parsed;
}

Condition parse_condition(json::View object) {
  Condition condition;
  condition.type = object["type"].string();
  condition.status = value_of(kConditionStatuses, object["status"].string_view())
                         .value_or(ConditionStatus::Unknown);
  condition.reason = object["reason"].string();
  condition.message = object["message"].string();
  condition.observed_generation = object["observedGeneration"].integer();
  condition.last_transition = read_time(object["lastTransitionTime"]).value_or(base::TimePoint{});
  return condition;
}

DetectedValue parse_detected(json::View object) {
  return {object["name"].string(), object["value"].string(), object["source"].string()};
}

Finding parse_finding(json::View object) {
  const auto severity = value_of(kSeverities, object["severity"].string_view());
  return {object["id"].string(), severity.value_or(Severity::Info), object["observed"].string(),
          object["wanted"].string(), object["fix"].string()};
}

NodeProgress parse_node(json::View object) {
  return {object["name"].string(), object["step"].string(), read_time(object["since"]),
          read_int(object["attempt"]), object["message"].string()};
}

PlanSummary parse_plan(json::View plan) {
  return {read_int(plan["nodes"]), read_int(plan["waves"]), plan["order"].strings(),
          plan["fullPlan"].string()};
}

NodeCounts parse_counts(json::View nodes) {
  NodeCounts counts;
  counts.total = read_int(nodes["total"]);
  counts.flannel = read_int(nodes["flannel"]);
  counts.migrating = read_int(nodes["migrating"]);
  counts.refreshing = read_int(nodes["refreshing"]);
  counts.calico = read_int(nodes["calico"]);
  counts.failed = read_int(nodes["failed"]);
  counts.skipped = read_int(nodes["skipped"]);
  return counts;
}

void parse_scalars(json::View object, MigrationStatus& status) {
  status.observed_generation = object["observedGeneration"].integer();
  status.phase = parse_phase(object["phase"].string_view()).value_or(Phase::Pending);
  status.message = object["message"].string();
  status.start_time = read_time(object["startTime"]);
  status.completion_time = read_time(object["completionTime"]);
  status.estimated_completion_time = read_time(object["estimatedCompletionTime"]);
  status.eta = object["eta"].string();
  status.progress = object["progress"].string();
}

}  // namespace

std::string_view to_string(Phase phase) { return word_of(kPhases, phase); }

std::optional<Phase> parse_phase(std::string_view text) { return value_of(kPhases, text); }

std::string_view to_string(Severity severity) { return word_of(kSeverities, severity); }

const Condition* MigrationStatus::condition(std::string_view type) const {
  const auto found = std::find_if(conditions.begin(), conditions.end(),
                                  [type](const auto& one) { return one.type == type; });
  return found == conditions.end() ? nullptr : &*found;
}

MigrationStatus parse_migration_status(json::View object) {
  MigrationStatus status;
  parse_scalars(object, status);
  status.conditions = parse_list<Condition>(object["conditions"], parse_condition);
  status.detected = parse_list<DetectedValue>(object["detected"], parse_detected);
  status.preflight = parse_list<Finding>(object["preflight"], parse_finding);
  status.plan = parse_plan(object["plan"]);
  status.nodes = parse_counts(object["nodes"]);
  status.active = parse_list<NodeProgress>(object["active"], parse_node);
  status.failed = parse_list<NodeProgress>(object["failed"], parse_node);
  status.revertible = {object["revertible"]["possible"].boolean(true),
                       object["revertible"]["message"].string()};
  return status;
}

}  // namespace api
