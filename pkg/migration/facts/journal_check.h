// Checks how much of a node's journal can be believed. A kubelet may write its own Node: a number
// without bounds or a time in the future would hold the rollout up for as long as it says.
#pragma once

#include "base/time.h"
#include "migration/facts/journal.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace migration {

// The most that the clock of another replica, which wrote the journal, may be ahead of ours.
inline constexpr base::Duration kClockSkew = std::chrono::minutes(10);

// Agent runs that a node can have had: one each second for thirty years.
inline constexpr std::uint64_t kMaxRun = 1'000'000'000;

struct CheckedJournal {
  std::optional<Journal> journal;  // nullopt: lost, the node is taken as it is found
  // The part that was not believed, for people; empty: none. If there is a journal, its times were
  // set to `now`: only they depend on clocks, and the rest of it is worth keeping.
  std::string doubt;
};

CheckedJournal check_journal(std::string_view text, base::TimePoint now);

}  // namespace migration
