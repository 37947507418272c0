// A clock that a test moves.
#pragma once

#include "base/clock.h"

#include <mutex>

namespace fakes {

class FakeClock : public base::Clock {
 public:
  base::TimePoint now() const override {
    const std::lock_guard lock(mutex_);
    return base::TimePoint(std::chrono::hours(24 * 365 * 50)) + passed_;
  }

  std::chrono::steady_clock::time_point steady_now() const override {
    const std::lock_guard lock(mutex_);
    return std::chrono::steady_clock::time_point(std::chrono::hours(1)) + passed_;
  }

  void advance(base::Duration by) {
    const std::lock_guard lock(mutex_);
    passed_ += by;
  }

 private:
  mutable std::mutex mutex_;
  base::Duration passed_{0};
};

}  // namespace fakes
