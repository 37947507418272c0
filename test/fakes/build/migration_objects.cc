#include "fakes/build/objects.h"

namespace build {

api::FlannelMigration plain_migration() {
  api::FlannelMigration migration;
  migration.meta.name = "default";
  migration.meta.uid = "uid-migration-default";
  migration.meta.resource_version = "1";
  migration.meta.generation = 1;
  migration.meta.created = start_time();
  migration.spec = api::MigrationSpec{};
  return migration;
}

SpecChange target(api::Target wanted) {
  return [wanted](api::MigrationSpec& spec) { spec.target = wanted; };
}
SpecChange method(api::Method wanted) {
  return [wanted](api::MigrationSpec& spec) { spec.rollout.method = wanted; };
}
SpecChange max_unavailable(std::string_view text) {
  const bool percent = text.ends_with('%');
  const api::IntOrPercent wanted{std::stoi(std::string(text)), percent};
  return [wanted](api::MigrationSpec& spec) { spec.rollout.max_unavailable = wanted; };
}
SpecChange paused() {
  return [](api::MigrationSpec& spec) { spec.paused = true; };
}
SpecChange plan_only() {
  return [](api::MigrationSpec& spec) { spec.mode = api::Mode::Plan; };
}

}  // namespace build
