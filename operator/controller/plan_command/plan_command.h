// `plan -f cr.yaml`: reads the cluster once, prints preflight and plan, writes nothing.
#pragma once

#include "controller/program/options.h"

namespace controller {

// Exit code: 0 nothing blocks, 1 something does, 2 the input or the cluster cannot be read.
int run_plan(const Options& options);

}  // namespace controller
