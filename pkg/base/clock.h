// The only place that reads the time of day. Code that decides takes a TimePoint instead.
#pragma once

#include "base/time.h"

#include <chrono>

namespace base {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  // Never jumps; for deadlines and durations inside this process.
  virtual std::chrono::steady_clock::time_point steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  TimePoint now() const override;
  std::chrono::steady_clock::time_point steady_now() const override;
};

}  // namespace base
