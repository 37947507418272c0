// A plan while it is made: collects tasks, skips keys that are busy, remembers the earliest time to
// look again.
#pragma once

#include "migration/facts/survey.h"
#include "migration/ipam/peer_blocks.h"
#include "migration/model/plan.h"

#include <optional>
#include <string>
#include <vector>

namespace migration {

class PlanBuilder {
 public:
  explicit PlanBuilder(const Survey& survey) : survey_(survey) {}

  const Survey& survey() const { return survey_; }

  // Adds a task unless one of that key is on its way or waits after a failure. Returns whether it
  // was added.
  bool add(std::string key, std::vector<Action> actions);
  bool add(std::string key, Action action);
  // The pods of that node are needed.
  void track(const std::string& node) { track_.insert(node); }
  void track_all_pods() { all_pods_ = true; }
  // Look again at that time at the latest.
  void wake(base::TimePoint when);

  // Computed once a plan, on the first call.
  const std::vector<OutlyingBlock>& outlying();

  // A task of that key is planned, on its way, or waits after a failure.
  bool busy(std::string_view key) const;
  bool empty() const { return tasks_.empty(); }

  Plan take() &&;

 private:
  const Survey& survey_;
  std::vector<Task> tasks_;
  std::set<std::string> keys_;
  std::set<std::string> track_;
  bool all_pods_ = false;
  std::optional<base::TimePoint> wake_;
  std::optional<std::vector<OutlyingBlock>> outlying_;
};

}  // namespace migration
