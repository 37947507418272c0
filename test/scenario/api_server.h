// What the API server makes of an action.
#pragma once

#include "base/error.h"
#include "scenario/world.h"

namespace scenario {

// Conflict, NotFound, AlreadyExists and Throttled as the real one answers them; an action that
// finds its work done succeeds.
base::Result<void> apply(World& world, const migration::Action& action);

}  // namespace scenario
