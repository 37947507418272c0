// Exponential back-off with jitter, as values: nothing here sleeps.
#pragma once

#include "base/error.h"
#include "base/time.h"

#include <cstdint>
#include <random>

namespace base {

struct BackoffPolicy {
  Duration first{200};
  Duration cap{30'000};
  double factor = 2.0;
};

// The delay before try `failures`+1, without jitter: first * factor^(failures-1), at most cap; zero
// for no failure.
Duration backoff_delay(const BackoffPolicy& policy, unsigned failures);

// A run of failures of one thing. Not thread safe.
class Backoff {
 public:
  // `seed` makes the jitter repeatable in tests.
  explicit Backoff(BackoffPolicy policy, std::uint32_t seed = 0);

  // Counts one more failure and answers how long to wait: the policy's delay, less up to a fifth of
  // it.
  Duration next();
  // The same after a failure of which the server may have said how long to wait (Retry-After): the
  // longer of the two.
  Duration next(const Error& why);
  void reset();
  unsigned failures() const { return failures_; }

 private:
  BackoffPolicy policy_;
  std::minstd_rand random_;
  unsigned failures_ = 0;
};

}  // namespace base
