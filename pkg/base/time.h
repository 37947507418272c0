// Points in time and durations as Kubernetes writes them. Values only: nothing here reads a clock
// (see clock.h).
#pragma once

#include "base/error.h"

#include <chrono>
#include <string>
#include <string_view>

namespace base {

using Duration = std::chrono::milliseconds;
// Wall-clock time, milliseconds since the Unix epoch, UTC.
using TimePoint = std::chrono::time_point<std::chrono::system_clock, Duration>;

// metav1.Time: RFC 3339, e.g. 2026-08-22T13:33:20Z; fractions and offsets are accepted, and written
// as whole seconds UTC.
Result<TimePoint> parse_rfc3339(std::string_view text);
std::string to_rfc3339(TimePoint time);
// metav1.MicroTime, as coordination.k8s.io and Events want it: six digits behind the second.
std::string to_rfc3339_micro(TimePoint time);

// metav1.Duration as Go prints it: "90s", "1m30s", "1.5h", "250ms", "0". Negative ones are refused.
Result<Duration> parse_duration(std::string_view text);
// The shortest form Go would accept: "1m30s", "0s".
std::string to_string(Duration duration);

}  // namespace base
