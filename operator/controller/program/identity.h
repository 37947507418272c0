// The identity of this process: what the environment of its pod says, and the name that it uses for
// the lease.
#pragma once

#include "controller/program/options.h"
#include "migration/model/cluster_state.h"

#include <string>

namespace controller {

migration::Identity identity(const Options& options);

// Differs between processes, also between two lives of one pod.
std::string lease_identity();

}  // namespace controller
