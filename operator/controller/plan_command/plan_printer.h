// A plan as text for a terminal.
#pragma once

#include "api/migration_spec.h"
#include "api/migration_status.h"

#include <map>
#include <optional>
#include <string>

namespace controller {

struct PrintedPlan {
  api::MigrationSpec spec;
  api::MigrationStatus planned;
  std::optional<api::MigrationStatus> present;  // of the object that is in the cluster already
  std::map<std::string, std::string> places;    // where each node is now, by name
  bool another_is_active = false;               // nothing else was looked at
};

std::string print_plan(const PrintedPlan& plan);

}  // namespace controller
