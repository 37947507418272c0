// Ends the way back: every node is on flannel, and what the migration wrote is deleted.
#pragma once

#include "migration/stages/stages.h"

#include <string>

namespace migration {

// A report of the way back that waits for something, or for what was just planned.
StageReport reverting(std::string message);
// Plans the next step of the end. Every node must rest on flannel, with its DaemonSets there.
StageReport finish_on_flannel(PlanBuilder& builder);

}  // namespace migration
