// Runs the agent: observe, plan and act until nothing is left to do, then write the report.
#pragma once

#include "agent/options.h"
#include "base/clock.h"

#include <string>

namespace agent {

struct Outcome {
  api::AgentReport report;
  std::string text;  // the report as JSON, at most 4,096 bytes
};

Outcome run_task(const Options& options, const base::Clock& clock);

}  // namespace agent
