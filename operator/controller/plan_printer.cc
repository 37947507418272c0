#include "controller/plan_printer.h"

#include "base/counted.h"

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

void print_order(const PrintedPlan& plan, std::string& text) {
  const auto& status = plan.planned;
  text += fmt::format("\nPlan: {} in {}, {} on their target now\n",
                      base::counted(status.plan.nodes, "node"),
                      base::counted(status.plan.waves, "wave"), status.progress);
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
