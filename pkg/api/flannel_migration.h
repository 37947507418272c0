// cni-migration.io/v1alpha1 FlannelMigration.
#pragma once

#include "api/meta.h"
#include "api/migration_spec.h"
#include "api/migration_status.h"

namespace api {

struct FlannelMigration {
  ObjectMeta meta;
  base::Result<MigrationSpec> spec;  // an unreadable one is reported in the status, never guessed
  MigrationStatus status;
};

FlannelMigration parse_flannel_migration(json::View object);

// True if our finalizer (kFinalizer) is among them.
bool has_finalizer(const std::vector<std::string>& finalizers);

}  // namespace api
