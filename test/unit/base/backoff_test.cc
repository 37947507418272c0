#include "base/backoff.h"

#include <catch2/catch.hpp>

using base::Backoff;
using base::BackoffPolicy;
using base::Duration;

namespace {
const BackoffPolicy kPolicy{Duration(100), Duration(1000), 2.0};
}

TEST_CASE("the delay doubles with each failure up to the cap") {
  const auto [failures, delay] = GENERATE(table<unsigned, int>(
      {{0, 0}, {1, 100}, {2, 200}, {3, 400}, {4, 800}, {5, 1000}, {100'000, 1000}}));
  CHECK(base::backoff_delay(kPolicy, failures) == Duration(delay));
}

TEST_CASE("jitter takes at most a fifth from the delay") {
  Backoff backoff(kPolicy, 7);
  for (unsigned failure = 1; failure < 50; ++failure) {
    const Duration full = base::backoff_delay(kPolicy, failure);
    const Duration delay = backoff.next();
    CHECK(delay <= full);
    CHECK(delay >= full * 4 / 5);
  }
}

TEST_CASE("a delay that the server asked for counts when it is longer than the back-off") {
  Backoff backoff(kPolicy);
  base::Error why{base::ErrorKind::Unavailable, "busy"};
  CHECK(backoff.next(why) <= Duration(100));
  why.retry_after = Duration(30'000);
  CHECK(backoff.next(why) == Duration(30'000));
  why.retry_after = Duration(1);
  CHECK(backoff.next(why) >= Duration(320));
  CHECK(backoff.failures() == 3);
}

TEST_CASE("the same seed gives the same delays and a reset starts again") {
  Backoff one(kPolicy, 3);
  Backoff other(kPolicy, 3);
  CHECK(one.next() == other.next());
  CHECK(one.next() == other.next());
  one.reset();
  CHECK(one.failures() == 0);
  CHECK(one.next() <= Duration(100));
}
