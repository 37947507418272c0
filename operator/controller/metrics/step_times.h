// Measures how long the steps of nodes take, from one status after the other. On one thread.
#pragma once

#include "api/migration_status.h"

#include <map>
#include <string>
#include <vector>

namespace controller {

struct StepTime {
  std::string step;
  double seconds = 0;
  bool operator==(const StepTime&) const = default;
};

class StepTimes {
 public:
  // Returns the steps that have ended since the last call. A node that is not listed now has ended
  // its last step, unless the list is full: then it may be one of those left out.
  std::vector<StepTime> ended(const std::vector<api::NodeProgress>& active, base::TimePoint now);
  // Forgets all nodes, whose migration is gone.
  void forget() { under_way_.clear(); }

 private:
  std::map<std::string, api::NodeProgress> under_way_;  // by node
};

}  // namespace controller
