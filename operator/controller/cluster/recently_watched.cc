#include "controller/cluster/recently_watched.h"

#include <algorithm>

namespace controller {

std::set<api::ObjectKey> RecentlyWatched::update(const std::set<api::ObjectKey>& wanted, Time now) {
  for (const auto& key : wanted_) kept_.try_emplace(key, now);
  for (const auto& key : wanted) kept_.erase(key);
  std::erase_if(kept_, [&](const auto& entry) { return now - entry.second >= kWatchedAfterwards; });
  keep_latest();
  wanted_ = wanted;
  auto watched = wanted;
  for (const auto& [key, since] : kept_) watched.insert(key);
  return watched;
}

void RecentlyWatched::keep_latest() {
  while (kept_.size() > kMostKept) {
    kept_.erase(std::min_element(kept_.begin(), kept_.end(),
                                 [](const auto& a, const auto& b) { return a.second < b.second; }));
  }
}

}  // namespace controller
