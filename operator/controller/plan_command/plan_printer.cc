#include "controller/plan_command/plan_printer.h"

#include "base/plural.h"

#include <fmt/format.h>

#include <algorithm>

namespace controller {
namespace {

void print_findings(const api::MigrationStatus& status, std::string& text) {
  text += "Preflight\n";
  if (status.preflight.empty()) text += "  nothing found: every condition holds\n";
  for (const auto& finding : status.preflight) {
    text += fmt::format("  {:5}  {}: {}\n         wanted: {}\n         fix:    {}\n",
                        to_string(finding.severity), finding.id, finding.observed, finding.wanted,
                        finding.fix);
  }
}

void print_settings(const api::MigrationStatus& status, std::string& text) {
  text += "\nDetected\n";
  for (const auto& value : status.detected) {
    text += fmt::format("  {:18} {:24} {}\n", value.name, value.value.empty() ? "-" : value.value,
                        value.source);
  }
}

void print_canaries(const api::CanarySpec& canary, int nodes, std::string& text) {
  text += fmt::format("  {} as canaries, one at a time",
                      canary.nodes < nodes ? fmt::format("the first {}", canary.nodes) : "all");
  if (canary.nodes >= nodes) {
    text += "\n";
    return;
  }
  if (canary.soak.count() > 0) text += "; then soak for " + base::to_string(canary.soak);
  if (canary.approval == api::Approval::Manual) text += "; then wait for an approval";
  text += "\n";
}

void print_pace(const PrintedPlan& plan, std::string& text) {
  const auto& rollout = plan.spec.rollout;
  if (plan.spec.target == api::Target::Calico && rollout.canary.nodes > 0)
    print_canaries(rollout.canary, plan.planned.plan.nodes, text);
  text += fmt::format("  at most {} out of service at once (rollout.maxUnavailable {})",
                      base::counted(rollout.max_unavailable.of(plan.planned.nodes.total), "node"),
                      rollout.max_unavailable.to_string());
  if (rollout.soak.count() > 0) text += "; each soaks for " + base::to_string(rollout.soak);
  text += "\n";
}

void print_order(const PrintedPlan& plan, std::string& text) {
  const auto& status = plan.planned;
  text += fmt::format("\nPlan: {} in {}, {} on their target now\n",
                      base::counted(status.plan.nodes, "node"),
                      base::counted(status.plan.waves, "wave"), status.progress);
  if (status.plan.nodes > 0) print_pace(plan, text);
  int number = 0;
  for (const auto& node : status.plan.order) {
    const auto place = plan.places.find(node);
    text += fmt::format("  {:4}  {}{}\n", ++number, node,
                        place == plan.places.end() ? "" : "  (" + place->second + ")");
  }
  const auto more = status.plan.nodes - number;
  if (more > 0) text += fmt::format("        and {} more\n", more);
}

void print_present(const api::MigrationStatus& status, std::string& text) {
  text += fmt::format("\nIn the cluster now: {}, {}{}{}\n", to_string(status.phase),
                      status.progress, status.message.empty() ? "" : ": ", status.message);
}

}  // namespace

std::string print_plan(const PrintedPlan& plan) {
  const auto& status = plan.planned;
  std::string text;
  if (!plan.another_is_active) {
    print_findings(status, text);
    print_settings(status, text);
    print_order(plan, text);
    if (plan.present) print_present(*plan.present, text);
    text += "\n";
  }
  return text + fmt::format("{}: {}\n", to_string(status.phase), status.message);
}

}  // namespace controller
