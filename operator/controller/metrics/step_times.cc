#include "controller/metrics/step_times.h"

#include <chrono>
#include <utility>

namespace controller {
namespace {

StepTime time_of(const api::NodeProgress& ended, base::TimePoint now) {
  const std::chrono::duration<double> took = now - *ended.since;
  return {ended.step, took.count()};
}

}  // namespace

std::vector<StepTime> StepTimes::ended(const std::vector<api::NodeProgress>& active,
                                       base::TimePoint now) {
  std::map<std::string, api::NodeProgress> listed;
  for (const auto& node : active) listed[node.name] = node;
  std::vector<StepTime> ended;
  for (const auto& [name, before] : under_way_) {
    const auto found = listed.find(name);
    const bool gone = found == listed.end();
    if (gone ? active.size() >= api::kNodesListed : found->second.step == before.step) continue;
    // A clock that was set back gives no time.
    if (before.since && *before.since <= now) ended.push_back(time_of(before, now));
  }
  under_way_ = std::move(listed);
  return ended;
}

}  // namespace controller
