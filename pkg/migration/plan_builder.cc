#include "migration/plan_builder.h"

#include <algorithm>

namespace migration {
namespace {

// Upper limit for waits, whatever time a spec or a node names: another look is cheap, and other
// clocks count nanoseconds.
constexpr base::Duration kLongestWait = std::chrono::hours(24);

}  // namespace

bool PlanBuilder::add(std::string key, std::vector<Action> actions) {
  if (actions.empty() || busy(key)) return false;
  keys_.insert(key);
  tasks_.push_back({std::move(key), std::move(actions)});
  return true;
}

bool PlanBuilder::add(std::string key, Action action) {
  std::vector<Action> actions;
  actions.push_back(std::move(action));
  return add(std::move(key), std::move(actions));
}

bool PlanBuilder::busy(std::string_view key) const {
  const std::string text(key);
  return survey_.cluster.busy.contains(text) || keys_.contains(text);
}

void PlanBuilder::wake(base::TimePoint when) {
  if (!wake_ || when < *wake_) wake_ = when;
}

const std::vector<OutlyingBlock>& PlanBuilder::outlying() {
  if (!outlying_) outlying_ = outlying_blocks(survey_);
  return *outlying_;
}

Plan PlanBuilder::take() && {
  Plan plan;
  plan.tasks = std::move(tasks_);
  plan.track = std::move(track_);
  plan.all_pods = all_pods_;
  if (wake_)
    plan.requeue_after =
        *wake_ <= survey_.now ? base::Duration(0) : std::min(*wake_ - survey_.now, kLongestWait);
  return plan;
}

}  // namespace migration
