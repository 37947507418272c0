// What a calico-node makes at its first start where there is none: its settings and a pool.
#pragma once

#include "base/error.h"
#include "kube/transport.h"

namespace stand_in {

base::Result<void> make_defaults(kube::Transport& transport);

}  // namespace stand_in
