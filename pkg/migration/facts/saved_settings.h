// The settings a migration began with. They count until it ends, whatever becomes of flannel's
// ConfigMap meanwhile, and another FlannelMigration that continues it has to agree with them.
#pragma once

#include "api/migration_spec.h"
#include "migration/facts/settings.h"

#include <string>
#include <vector>

namespace migration {

// Selects the settings that migrated and unmigrated nodes must have in common.
KeptSettings settings_to_keep(const Settings& settings, const api::CalicoSpec& calico);

// A field of `spec` that contradicts the saved settings: the field, its value, and the value that
// the migration began with ("" for none). There are no conflicts if nothing was saved.
struct SettingConflict {
  std::string field;  // "spec.flannel.vni"
  std::string said;
  std::string kept;
  bool operator==(const SettingConflict&) const = default;
};
std::vector<SettingConflict> find_conflicts(const api::MigrationSpec& spec,
                                            const KeptSettings& kept);

}  // namespace migration
