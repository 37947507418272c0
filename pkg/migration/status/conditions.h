// metav1.Conditions of a FlannelMigration.
#pragma once

#include "migration/status/status.h"

#include <vector>

namespace migration {

// PreflightPassed, IPAMReady, Progressing, Paused, Degraded, Completed, Clean: always all of them,
// in this order. The time of the last transition is the last status' where nothing changed.
std::vector<api::Condition> make_conditions(const StatusInput& input,
                                            const api::MigrationStatus& status);

}  // namespace migration
