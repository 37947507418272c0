// The one decision function. Same input, same output; no clock, no I/O, no memory.
#pragma once

#include "base/time.h"
#include "migration/model/cluster_state.h"
#include "migration/model/plan.h"

namespace migration {

Plan plan(const ClusterState& cluster, base::TimePoint now);

}  // namespace migration
