#include "base/time.h"

#include <catch2/catch.hpp>

using base::Duration;
using base::TimePoint;

TEST_CASE("an RFC 3339 time is read whatever its offset and fraction") {
  const auto [text, milliseconds] = GENERATE(table<std::string, std::int64_t>({
      {"1970-01-01T00:00:00Z", 0},
      {"2026-08-22T13:33:20Z", 1787405600000},
      {"2026-08-22T13:33:20.5Z", 1787405600500},
      {"2026-08-22T13:33:20.123456Z", 1787405600123},
      {"2026-08-22T15:33:20+02:00", 1787405600000},
      {"2026-08-22T13:03:20-00:30", 1787405600000},
      {"2024-02-29T00:00:00Z", 1709164800000},
  }));
  CAPTURE(text);
  const auto time = base::parse_rfc3339(text);
  REQUIRE(time);
  CHECK(time->time_since_epoch().count() == milliseconds);
}

TEST_CASE("a text that is no RFC 3339 time is refused") {
  const std::string text =
      GENERATE("", "now", "2026-08-22", "2026-08-22T13:33:20", "2026-02-30T00:00:00Z",
               "2026-13-01T00:00:00Z", "2026-08-22T24:00:00Z", "2026-08-22T13:33:20.Z",
               "2026-08-22T13:33:20Z ", "2026-08-22T13:33:20+2:00", "2026-8-22T13:33:20Z",
               "-026-08-22T13:33:20Z");
  CAPTURE(text);
  const auto time = base::parse_rfc3339(text);
  REQUIRE_FALSE(time);
  CHECK(time.error().kind == base::ErrorKind::Invalid);
}

TEST_CASE("a time is written as metav1.Time and metav1.MicroTime") {
  const TimePoint time(Duration(1787405600007));
  CHECK(base::to_rfc3339(time) == "2026-08-22T13:33:20Z");
  CHECK(base::to_rfc3339_micro(time) == "2026-08-22T13:33:20.007000Z");
}

TEST_CASE("a time beyond what four digits of a year can say is written as the last one, or first") {
  CHECK(base::to_rfc3339(TimePoint::max()) == "9999-12-31T23:59:59Z");
  CHECK(base::to_rfc3339(TimePoint::min()) == "0000-01-01T00:00:00Z");
  CHECK(base::to_rfc3339_micro(TimePoint::max()) == "9999-12-31T23:59:59.999000Z");
}

TEST_CASE("a duration is read as Go reads it") {
  const auto [text, milliseconds] = GENERATE(table<std::string, std::int64_t>({
      {"0", 0},
      {"0s", 0},
      {"90s", 90000},
      {"1m30s", 90000},
      {"1.5h", 5400000},
      {".5s", 500},
      {"250ms", 250},
      {"1500us", 1},
      {"1500µs", 1},
      {"+2s", 2000},
      {"1h0m1s", 3601000},
  }));
  CAPTURE(text);
  const auto duration = base::parse_duration(text);
  REQUIRE(duration);
  CHECK(duration->count() == milliseconds);
}

TEST_CASE("a text that is no duration, or does not fit, is refused") {
  const std::string text = GENERATE("", "5", "-5s", "s", "1x", "1.2.3s", "1m 30s", "+", ".s",
                                    "99999999999999999999s", "9223372036s9223372036s", "3000000h");
  CAPTURE(text);
  CHECK_FALSE(base::parse_duration(text));
}

TEST_CASE("a duration is written in the shortest form that Go accepts") {
  const auto [milliseconds, text] = GENERATE(table<std::int64_t, std::string>({
      {0, "0s"},
      {250, "250ms"},
      {1500, "1.5s"},
      {90000, "1m30s"},
      {3600000, "1h"},
      {3601000, "1h1s"},
  }));
  CHECK(base::to_string(Duration(milliseconds)) == text);
  CHECK(base::parse_duration(text)->count() == milliseconds);
}
