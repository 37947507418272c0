#include "api/flannel_migration.h"

#include "api/names.h"

#include <algorithm>

namespace api {

FlannelMigration parse_flannel_migration(json::View object) {
  return {parse_meta(object), parse_migration_spec(object["spec"]),
          parse_migration_status(object["status"])};
}

bool has_finalizer(const std::vector<std::string>& finalizers) {
  return std::find(finalizers.begin(), finalizers.end(), kFinalizer) != finalizers.end();
}

}  // namespace api
