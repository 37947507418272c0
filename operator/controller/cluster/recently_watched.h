// Which ConfigMaps to watch: those that matter now, and for some minutes those that did. What names
// a ConfigMap may be gone for a moment, as flannel's DaemonSet is between its deletion and the
// saved one; its watch need not begin anew then.
#pragma once

#include "api/meta.h"

#include <chrono>
#include <map>
#include <set>

namespace controller {

// How long one is kept that does not matter any more, and how many at most: the latest.
inline constexpr std::chrono::minutes kInterestKept{5};
inline constexpr std::size_t kMostKept = 8;

class RecentInterests {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // What to watch from `now` on, when `wanted` matters. Times do not go back.
  std::set<api::ObjectKey> update(const std::set<api::ObjectKey>& wanted, Time now);
  // Whether there is one that only time ends.
  bool any_kept() const { return !kept_.empty(); }

 private:
  void keep_latest();

  std::set<api::ObjectKey> wanted_;
  std::map<api::ObjectKey, Time> kept_;  // since when they do not matter any more
};

}  // namespace controller
