// A plan as text for a terminal.
#pragma once

#include "api/migration_status.h"

#include <string>

namespace controller {

std::string print_plan(const api::MigrationStatus& status);

}  // namespace controller
