// Every condition for a migration, checked in one pass with no write: each result has what was
// observed, what is wanted and the exact fix.
#pragma once

#include "api/migration_status.h"
#include "migration/facts/survey.h"

#include <vector>

namespace migration {

using Findings = std::vector<api::Finding>;
using Check = void (*)(const Survey&, Findings&);

// The list reads as the specification. Blocks come first in the answer, then warnings, then
// remarks.
Findings run_preflight(const Survey& survey);

// The few that stay true conditions once nodes have moved: drift that would cut nodes off.
Findings run_guards(const Survey& survey);

bool blocks(const Findings& findings);

}  // namespace migration
