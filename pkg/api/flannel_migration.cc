#include "api/flannel_migration.h"

namespace api {

FlannelMigration parse_flannel_migration(json::View object) {
  return {parse_meta(object), parse_migration_spec(object["spec"]),
          parse_migration_status(object["status"])};
}

}  // namespace api
