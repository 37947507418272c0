// The settings a migration began with. They count until it ends, whatever becomes of flannel's
// ConfigMap meanwhile, and another FlannelMigration that goes on with it has to agree.
#pragma once

#include "api/migration_spec.h"
#include "migration/facts/settings.h"

#include <string>
#include <vector>

namespace migration {

// Of those that migrated and unmigrated nodes must have in common.
KeptSettings settings_to_keep(const Settings& settings, const api::CalicoSpec& calico);

// What `spec` says otherwise: the field, its value, and what the migration began with ("" for
// nothing). None where nothing was kept.
struct SettingConflict {
  std::string field;  // "spec.flannel.vni"
  std::string said;
  std::string kept;
  bool operator==(const SettingConflict&) const = default;
};
std::vector<SettingConflict> find_conflicts(const api::MigrationSpec& spec,
                                            const KeptSettings& kept);

}  // namespace migration
