// The change of the snapshot that the answer to a delete means.
#pragma once

#include "base/error.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/snapshot/snapshot_change.h"
#include "json/value.h"

#include <string>

namespace controller {

// Removes the object from the snapshot when it is gone, now or before; changes nothing while
// finalizers hold it; returns the error of a delete that failed. An object that took the name since
// stays.
base::Result<Change> deleted(const base::Result<json::Document>& answer, Kind kind,
                             const std::string& name);

}  // namespace controller
