#include "controller/snapshot/delete_result.h"

namespace controller {

base::Result<Change> deleted(const base::Result<json::Document>& answer, Kind kind,
                             const std::string& name) {
  api::ObjectMeta meta;
  meta.name = name;
  if (answer) {
    // A Status names the object in its details; an object that still is there says when it will go.
    if ((*answer)["metadata"]["deletionTimestamp"].exists()) return Change([](SnapshotBuilder&) {});
    meta.uid = (*answer)["details"]["uid"].string();
  } else if (answer.error().kind != base::ErrorKind::NotFound) {
    return base::Failure(answer.error());
  }
  return Change([kind, meta](SnapshotBuilder& snapshot) { snapshot.remove(kind, meta); });
}

}  // namespace controller
