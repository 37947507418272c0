#include "migration/facts/journal_check.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace migration;
using build::at;

namespace {

const base::TimePoint kNow = at("2026-08-22T12:00:00Z");

Journal a_journal() {
  Journal journal;
  journal.step = Step::Refresh;
  journal.since = kNow;
  journal.run = 7;
  journal.refresh_before = kNow;
  return journal;
}

CheckedJournal check(const Journal& journal) { return check_journal(render(journal), kNow); }

}  // namespace

TEST_CASE("a journal of a clock that is a little ahead is believed") {
  auto journal = a_journal();
  journal.since = kNow + kClockSkew;
  const auto checked = check(journal);
  CHECK(checked.journal == journal);
  CHECK(checked.doubt.empty());
}

TEST_CASE("times of a journal that cannot be true are now, and the rest of it stays") {
  const auto time =
      GENERATE(at("9999-12-31T23:59:59Z"), at("2026-08-22T12:10:01Z"), at("0001-01-01T00:00:00Z"));
  auto journal = a_journal();
  journal.since = time;
  journal.refresh_before = time;
  const auto checked = check(journal);
  CHECK(checked.journal == a_journal());
  CHECK(checked.doubt == "since " + base::to_rfc3339(time) + " cannot be true, refreshBefore " +
                             base::to_rfc3339(time) + " cannot be true");
}

TEST_CASE("a journal with a run that no node can have had is lost") {
  auto journal = a_journal();
  journal.run = kMaxRun;
  CHECK(check(journal).journal == journal);
  ++journal.run;
  CHECK_FALSE(check(journal).journal);
  CHECK(check(journal).doubt == "run 1000000001 is out of range");
}

TEST_CASE("a journal that cannot be read is lost") {
  const auto checked = check_journal("{}", kNow);
  CHECK_FALSE(checked.journal);
  CHECK_FALSE(checked.doubt.empty());
}
