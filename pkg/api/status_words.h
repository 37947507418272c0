// Words of a FlannelMigration's status.
#pragma once

#include "api/migration_status.h"
#include "api/words.h"

namespace api {

inline constexpr Words<Phase, 11> kPhases = {{{Phase::Pending, "Pending"},
                                              {Phase::Preflight, "Preflight"},
                                              {Phase::Planned, "Planned"},
                                              {Phase::PreparingIPAM, "PreparingIPAM"},
                                              {Phase::Migrating, "Migrating"},
                                              {Phase::Finalizing, "Finalizing"},
                                              {Phase::Completed, "Completed"},
                                              {Phase::Paused, "Paused"},
                                              {Phase::Blocked, "Blocked"},
                                              {Phase::Reverting, "Reverting"},
                                              {Phase::Reverted, "Reverted"}}};
inline constexpr Words<ConditionStatus, 3> kConditionStatuses = {
    {{ConditionStatus::True, "True"},
     {ConditionStatus::False, "False"},
     {ConditionStatus::Unknown, "Unknown"}}};
inline constexpr Words<Severity, 3> kSeverities = {
    {{Severity::Block, "Block"}, {Severity::Warn, "Warn"}, {Severity::Info, "Info"}}};

}  // namespace api
