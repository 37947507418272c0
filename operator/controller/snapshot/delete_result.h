// The change of the snapshot that the answer to a delete means.
#pragma once

#include "base/error.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/snapshot/snapshot_change.h"
#include "json/value.h"

#include <string>

namespace controller {

// Gone when it is gone, or was before; nothing while finalizers hold it, and the error of a delete
// that failed. Only the object that was deleted is taken away, not one that took its name since.
base::Result<Change> deleted(const base::Result<json::Document>& answer, Kind kind,
                             const std::string& name);

}  // namespace controller
