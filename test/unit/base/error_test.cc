#include "base/error.h"

#include <catch2/catch.hpp>

TEST_CASE("context goes in front of the message and nothing else changes") {
  const base::Error error{base::ErrorKind::Throttled, "too many", std::chrono::seconds(3),
                          "Budget"};
  const base::Error with = error.with_context("evict pod a/b");
  CHECK(with.message == "evict pod a/b: too many");
  CHECK(with.kind == error.kind);
  CHECK(with.retry_after == error.retry_after);
  CHECK(with.cause == "Budget");
  CHECK(base::to_string(with.kind) == "Throttled");
}
