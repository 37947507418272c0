// calico-kube-controllers: of all that it does, the garbage collection of IPAM (collector.h).
#pragma once

namespace stand_in {

// Runs until it is killed; the exit code when it cannot begin.
int run_kube_controllers();

}  // namespace stand_in
