// The status of a FlannelMigration, computed from what was observed and planned. A projection: of
// the last status only times of transition are read.
#pragma once

#include "api/migration_status.h"
#include "migration/facts/survey.h"
#include "migration/preflight/preflight.h"
#include "migration/stages/stages.h"

namespace migration {

struct StatusInput {
  const Survey& survey;
  const Findings& findings;
  const StageReport& stage;
  bool holding = false;    // paused, plan only, or being deleted
  std::string error = {};  // the last error of a task that is tried again
};

// A blocking finding, as the one line that the object shows.
std::string message_of(const api::Finding& finding);
api::MigrationStatus make_status(const StatusInput& input);
// The status of a migration that stands still because a kind is unseen: what `findings` say of
// that, and the last status for everything else.
api::MigrationStatus blind_status(const Survey& survey, const Findings& findings);
// The status of an object whose spec cannot be read, and of an object that is not the active one.
api::MigrationStatus refused_status(const api::FlannelMigration& migration, std::string message,
                                    base::TimePoint now);
api::MigrationStatus standby_status(const api::FlannelMigration& migration, std::string_view active,
                                    base::TimePoint now);

}  // namespace migration
