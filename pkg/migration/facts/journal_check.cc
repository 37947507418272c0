#include "migration/facts/journal_check.h"

#include <fmt/format.h>

namespace migration {
namespace {

// Kubernetes 1.0 came after this time.
constexpr base::TimePoint kEarliest{std::chrono::sys_days(std::chrono::year(2015) / 1 / 1)};

class TimeCheck {
 public:
  explicit TimeCheck(base::TimePoint now) : now_(now) {}

  void correct(base::TimePoint& time, std::string_view name) {
    if (time >= kEarliest && time <= now_ + kClockSkew) return;
    doubt_ += fmt::format("{}{} {} cannot be true", doubt_.empty() ? "" : ", ", name,
                          base::to_rfc3339(time));
    time = now_;
  }

  std::string take() { return std::move(doubt_); }

 private:
  base::TimePoint now_;
  std::string doubt_;
};

}  // namespace

CheckedJournal check_journal(std::string_view text, base::TimePoint now) {
  auto journal = parse_journal(text);
  if (!journal) return {std::nullopt, journal.error().message};
  if (journal->run > kMaxRun)
    return {std::nullopt, fmt::format("run {} is out of range", journal->run)};
  TimeCheck check(now);
  check.correct(journal->since, "since");
  if (journal->refresh_before) check.correct(*journal->refresh_before, "refreshBefore");
  return {std::move(*journal), check.take()};
}

}  // namespace migration
