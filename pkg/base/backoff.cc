#include "base/backoff.h"

#include <algorithm>
#include <cmath>

namespace base {

Duration backoff_delay(const BackoffPolicy& policy, unsigned failures) {
  if (failures == 0) return Duration::zero();
  const double first = static_cast<double>(policy.first.count());
  const double delay = first * std::pow(policy.factor, static_cast<double>(failures - 1));
  const double cap = static_cast<double>(policy.cap.count());
  return Duration(static_cast<Duration::rep>(std::min(delay, cap)));
}

Backoff::Backoff(BackoffPolicy policy, std::uint32_t seed) : policy_(policy), random_(seed + 1) {}

Duration Backoff::next() {
  ++failures_;
  const auto full = backoff_delay(policy_, failures_).count();
  const auto jitter = full / 5 > 0 ? static_cast<Duration::rep>(random_()) % (full / 5 + 1) : 0;
  return Duration(full - jitter);
}

Duration Backoff::next(const Error& why) {
  return std::max(next(), why.retry_after.value_or(Duration::zero()));
}

void Backoff::reset() { failures_ = 0; }

}  // namespace base
