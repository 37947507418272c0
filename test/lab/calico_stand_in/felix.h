// calico-node: tells the API server of this node, then keeps the tunnel as the objects say.
#pragma once

#include "base/error.h"
#include "kube/transport.h"

#include <string>

namespace stand_in {

// Runs until it is killed; the exit code when it cannot begin.
int run_felix(const std::string& node);

// Probes: ready while the last pass succeeded, alive as long as there are passes.
int felix_is_ready();
int felix_is_alive();

// preStop: the node says that it has no network (NetworkUnavailable, reason CalicoIsDown), so that
// the node gets a taint until a calico-node that is ready says otherwise (CalicoIsUp), or flannel
// when it starts (FlannelIsUp). Read in node/pkg/lifecycle of v3.27.2 and v3.32.1; Canal's
// calico-node does neither.
int shut_down(const std::string& node);

}  // namespace stand_in
