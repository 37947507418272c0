// What calico-node does before Felix runs.
//
// The real one was watched on the lab's kubelets, v3.27.2 and v3.32.1: it makes the pool and the
// settings that are not there, names its node in /var/lib/calico/nodename, and writes into
// annotations of the Node what it found out about its addresses: over what was there, with the
// prefix length of the interface that has the address. v3.32 adds projectcalico.org/Interfaces, the
// addresses of all interfaces. Where it is for policies alone, as on Canal, it writes no
// annotation. `calico-node -init` before it mounts what programs of BPF need, and changes nothing
// else.
#pragma once

#include "base/error.h"
#include "kube/transport.h"

#include <string>

namespace stand_in {

// On Canal: flannel is the network, and only policies are Felix's.
bool is_policy_only();

base::Result<void> start_up(kube::Transport& transport, const std::string& node);

}  // namespace stand_in
