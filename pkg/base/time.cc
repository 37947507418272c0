#include "base/time.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>

namespace base {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes text from the front, piece by piece; a missing piece makes `good` false for ever.
struct Cursor {
  std::string_view rest;
  bool good = true;

  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }

  void expect(char c) { good = take(c) && good; }

  int digits(std::size_t count) {
    if (rest.size() < count) good = false;
    int value = 0;
    for (std::size_t i = 0; good && i < count; ++i) {
      good = is_digit(rest[i]);
      value = value * 10 + (rest[i] - '0');
    }
    if (good) rest.remove_prefix(count);
    return value;
  }
};

Duration take_fraction(Cursor& cursor) {
  if (!cursor.take('.')) return Duration::zero();
  Duration::rep scale = 100;
  Duration::rep value = 0;
  std::size_t count = 0;
  for (; !cursor.rest.empty() && is_digit(cursor.rest.front()); ++count, scale /= 10) {
    value += (cursor.rest.front() - '0') * scale;
    cursor.rest.remove_prefix(1);
  }
  cursor.good = cursor.good && count > 0;
  return Duration(value);
}

minutes take_offset(Cursor& cursor) {
  if (cursor.take('Z') || cursor.take('z')) return minutes(0);
  const bool behind = cursor.take('-');
  if (!behind) cursor.expect('+');
  const int h = cursor.digits(2);
  cursor.expect(':');
  const int m = cursor.digits(2);
  cursor.good = cursor.good && h < 24 && m < 60;
  const minutes offset = hours(h) + minutes(m);
  return behind ? -offset : offset;
}

std::chrono::sys_days take_date(Cursor& cursor) {
  const int y = cursor.digits(4);
  cursor.expect('-');
  const int m = cursor.digits(2);
  cursor.expect('-');
  const int d = cursor.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(y),
                                         std::chrono::month(static_cast<unsigned>(m)),
                                         std::chrono::day(static_cast<unsigned>(d))};
  cursor.good = cursor.good && date.ok();
  return cursor.good ? std::chrono::sys_days(date) : std::chrono::sys_days();
}

Duration take_time_of_day(Cursor& cursor) {
  const int h = cursor.digits(2);
  cursor.expect(':');
  const int m = cursor.digits(2);
  cursor.expect(':');
  const int s = cursor.digits(2);
  cursor.good = cursor.good && h < 24 && m < 60 && s < 60;
  return hours(h) + minutes(m) + seconds(s) + take_fraction(cursor);
}

// RFC 3339 has years of four digits: these are the first and the last time that it can name.
constexpr TimePoint kFirst{std::chrono::sys_days(std::chrono::year(0) / 1 / 1)};
constexpr TimePoint kLast =
    TimePoint(std::chrono::sys_days(std::chrono::year(10'000) / 1 / 1)) - Duration(1);

// "2026-08-22T13:33:20", without what follows the second.
std::string date_and_time(TimePoint time) {
  const auto day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<seconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

constexpr std::uint64_t kMaxNanos = std::numeric_limits<std::int64_t>::max();

struct Unit {
  std::string_view name;
  std::uint64_t nanos;
};

// The longer names first, as "m" also begins "ms".
constexpr std::array<Unit, 8> kUnits{{{"ns", 1},
                                      {"us", 1'000},
                                      {"µs", 1'000},
                                      {"μs", 1'000},
                                      {"ms", 1'000'000},
                                      {"s", 1'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"h", 3'600'000'000'000}}};

const Unit* take_unit(std::string_view& rest) {
  for (const Unit& unit : kUnits) {
    if (!rest.starts_with(unit.name)) continue;
    rest.remove_prefix(unit.name.size());
    return &unit;
  }
  return nullptr;
}

struct Number {
  std::uint64_t whole = 0;
  double fraction = 0;
};

std::optional<Number> take_number(std::string_view& rest) {
  Number number;
  std::size_t digits = 0;
  for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), ++digits) {
    if (number.whole > kMaxNanos / 10 - 1) return std::nullopt;
    number.whole = number.whole * 10 + static_cast<std::uint64_t>(rest.front() - '0');
  }
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    double scale = 0.1;
    for (; !rest.empty() && is_digit(rest.front()); rest.remove_prefix(1), ++digits, scale /= 10) {
      number.fraction += scale * (rest.front() - '0');
    }
  }
  if (digits == 0) return std::nullopt;
  return number;
}

// Takes one "<number><unit>" off the front; nullopt when there is none or it does not fit.
std::optional<std::uint64_t> take_nanos(std::string_view& rest) {
  const auto number = take_number(rest);
  const Unit* unit = number ? take_unit(rest) : nullptr;
  if (unit == nullptr || number->whole > kMaxNanos / unit->nanos - 1) return std::nullopt;
  const double fraction = number->fraction * static_cast<double>(unit->nanos) + 0.5;
  return number->whole * unit->nanos + static_cast<std::uint64_t>(fraction);
}

Failure bad_duration(std::string_view text) {
  return fail(ErrorKind::Invalid,
              fmt::format("\"{}\" is no duration; write it like 90s, 1m30s or 250ms", text));
}

}  // namespace

Result<TimePoint> parse_rfc3339(std::string_view text) {
  Cursor cursor{text};
  const auto day = take_date(cursor);
  if (!cursor.take('t')) cursor.expect('T');
  const Duration time = take_time_of_day(cursor);
  const minutes offset = take_offset(cursor);
  if (!cursor.good || !cursor.rest.empty()) {
    return fail(ErrorKind::Invalid, fmt::format("\"{}\" is no RFC 3339 time", text));
  }
  return TimePoint(day) + time - offset;
}

std::string to_rfc3339(TimePoint time) {
  return date_and_time(std::clamp(time, kFirst, kLast)) + "Z";
}

std::string to_rfc3339_micro(TimePoint time) {
  time = std::clamp(time, kFirst, kLast);
  const auto rest = time - std::chrono::floor<seconds>(time);
  return fmt::format("{}.{:03}000Z", date_and_time(time), rest.count());
}

Result<Duration> parse_duration(std::string_view text) {
  if (text == "0") return Duration::zero();
  std::string_view rest = text;
  if (rest.starts_with('+')) rest.remove_prefix(1);
  if (rest.empty()) return bad_duration(text);
  std::uint64_t nanos = 0;
  while (!rest.empty()) {
    const auto part = take_nanos(rest);
    if (!part || *part > kMaxNanos - nanos) return bad_duration(text);
    nanos += *part;
  }
  return Duration(static_cast<Duration::rep>(nanos / 1'000'000));
}

std::string to_string(Duration duration) {
  const auto total = duration.count();
  if (total <= 0) return "0s";
  if (total < 1000) return fmt::format("{}ms", total);
  std::string text;
  if (const auto h = total / 3'600'000; h > 0) text += fmt::format("{}h", h);
  if (const auto m = total / 60'000 % 60; m > 0) text += fmt::format("{}m", m);
  if (const auto s = total % 60'000; s % 1000 != 0) {
    text += fmt::format("{}s", static_cast<double>(s) / 1000);
  } else if (s > 0) {
    text += fmt::format("{}s", s / 1000);
  }
  return text;
}

}  // namespace base
