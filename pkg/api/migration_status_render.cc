#include "api/migration_status.h"
#include "api/status_words.h"
#include "json/writer.h"

#include <algorithm>

namespace api {
namespace {

// The most elements that the CRD accepts: more would make the API server refuse the whole status.
constexpr std::size_t kMaxNodes = 50;
constexpr std::size_t kMaxConditions = 20;
constexpr std::size_t kMaxRows = 100;

// A merge patch removes what is null, and keeps what it does not name.
void write_or_null(json::Writer& out, std::string_view name, std::string_view text) {
  out.key(name);
  text.empty() ? out.null() : out.string(text);
}

void write_or_null(json::Writer& out, std::string_view name,
                   const std::optional<base::TimePoint>& time) {
  write_or_null(out, name, time ? base::to_rfc3339(*time) : std::string());
}

template <typename T, typename Write>
void write_list(json::Writer& out, std::string_view name, const std::vector<T>& list,
                std::size_t most, Write write) {
  out.key(name).array();
  for (std::size_t i = 0; i < std::min(list.size(), most); ++i) write(out, list[i]);
  out.end();
}

// Elements of arrays are replaced as a whole, so nothing absent is named in them.
void write_condition(json::Writer& out, const Condition& condition) {
  out.object().field("type", condition.type);
  out.field("status", word_of(kConditionStatuses, condition.status));
  out.field("reason", condition.reason).field("message", condition.message);
  out.key("observedGeneration").integer(condition.observed_generation);
  out.field("lastTransitionTime", base::to_rfc3339(condition.last_transition)).end();
}

void write_detected(json::Writer& out, const DetectedValue& detected) {
  out.object().field("name", detected.name).field("value", detected.value);
  out.field_if("source", detected.source).end();
}

void write_finding(json::Writer& out, const Finding& finding) {
  out.object().field("id", finding.id).field("severity", to_string(finding.severity));
  out.field_if("observed", finding.observed).field_if("wanted", finding.wanted);
  out.field_if("fix", finding.fix).end();
}

void write_node(json::Writer& out, const NodeProgress& node) {
  out.object().field("name", node.name).field_if("step", node.step);
  if (node.since) out.field("since", base::to_rfc3339(*node.since));
  out.key("attempt").integer(node.attempt);
  out.field_if("message", node.message).end();
}

void write_plan(json::Writer& out, const PlanSummary& plan) {
  out.key("plan").object();
  out.key("nodes").integer(plan.nodes).key("waves").integer(plan.waves);
  write_list(out, "order", plan.order, kMaxNodes,
             [](auto& to, const auto& name) { to.string(name); });
  write_or_null(out, "fullPlan", plan.full_plan);
  out.end();
}

void write_counts(json::Writer& out, const NodeCounts& nodes) {
  out.key("nodes").object();
  out.key("total").integer(nodes.total).key("flannel").integer(nodes.flannel);
  out.key("migrating").integer(nodes.migrating).key("refreshing").integer(nodes.refreshing);
  out.key("calico").integer(nodes.calico).key("failed").integer(nodes.failed);
  out.key("skipped").integer(nodes.skipped).end();
}

// A migration that is not acted for has no node counts: null says so, zeros would look like counts.
void write_nodes(json::Writer& out, const MigrationStatus& status) {
  if (status.nodes.total == 0) {
    out.key("plan").null().key("nodes").null();
    return;
  }
  write_plan(out, status.plan);
  write_counts(out, status.nodes);
}

void write_scalars(json::Writer& out, const MigrationStatus& status) {
  out.key("observedGeneration").integer(status.observed_generation);
  out.field("phase", to_string(status.phase));
  write_or_null(out, "message", status.message);
  write_or_null(out, "startTime", status.start_time);
  write_or_null(out, "completionTime", status.completion_time);
  write_or_null(out, "estimatedCompletionTime", status.estimated_completion_time);
  write_or_null(out, "eta", status.eta);
  write_or_null(out, "progress", status.progress);
}

void write_revertible(json::Writer& out, const Revertible& revertible) {
  out.key("revertible").object().key("possible").boolean(revertible.possible);
  write_or_null(out, "message", revertible.message);
  out.end();
}

}  // namespace

std::string render(const MigrationStatus& status) {
  json::Writer out;
  out.object();
  write_scalars(out, status);
  write_list(out, "conditions", status.conditions, kMaxConditions, write_condition);
  write_list(out, "detected", status.detected, kMaxRows, write_detected);
  write_list(out, "preflight", status.preflight, kMaxRows, write_finding);
  write_nodes(out, status);
  write_list(out, "active", status.active, kMaxNodes, write_node);
  write_list(out, "failed", status.failed, kMaxNodes, write_node);
  write_revertible(out, status.revertible);
  return out.end().text();
}

}  // namespace api
