// The CNI plugin `calico`: an address out of the node's blocks (on Canal: of host-local), and a
// pair of interfaces.
#pragma once

namespace stand_in {

// As the container runtime calls it: environment and standard input in, a result out.
int run_plugin();

}  // namespace stand_in
