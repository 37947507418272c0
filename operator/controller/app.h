// The running operator: puts the parts together, lets them run until SIGTERM, and ends them in
// order.
#pragma once

#include "controller/program/options.h"

namespace controller {

// Exit code of the process.
int run_operator(const Options& options);

}  // namespace controller
