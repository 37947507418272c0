// The planner's result.
#pragma once

#include "api/migration_status.h"
#include "base/time.h"
#include "migration/model/action.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migration {

struct Plan {
  std::vector<Task> tasks;  // in a fixed order for the same input
  // Status of every FlannelMigration, by name.
  std::map<std::string, api::MigrationStatus> statuses;
  std::string active;  // name of the active FlannelMigration; empty when there is none
  // Nodes whose pods the planner needs to see.
  std::set<std::string> track;
  // True if the planner needs to see ClusterState::far_pods, lone_pods and flannel_pods.
  bool all_pods = false;
  // Plan again after this time even when nothing changed; nullopt: wait for a change.
  std::optional<base::Duration> requeue_after;
};

}  // namespace migration
