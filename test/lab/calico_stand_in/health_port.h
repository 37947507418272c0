#pragma once

#include "base/error.h"

namespace stand_in {

// Felix listens for health checks on 127.0.0.1:9099 as long as it lives (FELIX_HEALTHENABLED in
// Calico's manifest). Nobody is answered here: our probes look at files, and others only at who
// listens. The socket stays open until the process ends.
base::Result<void> listen_as_felix();

}  // namespace stand_in
