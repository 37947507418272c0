// Selects the ConfigMaps to watch: the wanted ones, and for some minutes those that were wanted
// before. The object that names a ConfigMap may be gone for a moment, as flannel's DaemonSet is
// between its deletion and the saved one; the watch need not start again then.
#pragma once

#include "api/meta.h"

#include <chrono>
#include <map>
#include <set>

namespace controller {

// An unwanted ConfigMap stays watched for this long, and at most this many of them: the latest.
inline constexpr std::chrono::minutes kWatchedAfterwards{5};
inline constexpr std::size_t kMostKept = 8;

class RecentlyWatched {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Returns the ConfigMaps to watch from `now` on, when `wanted` is wanted. Times do not go back.
  std::set<api::ObjectKey> update(const std::set<api::ObjectKey>& wanted, Time now);
  // True if an unwanted ConfigMap is still watched, which only time ends.
  bool any_kept() const { return !kept_.empty(); }

 private:
  void keep_latest();

  std::set<api::ObjectKey> wanted_;
  std::map<api::ObjectKey, Time> kept_;  // since when they are not wanted
};

}  // namespace controller
