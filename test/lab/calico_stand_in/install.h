// The init containers: `install` puts Calico's CNI files on the node, `calico-ipam -upgrade` takes
// over host-local's addresses of a Canal node.
#pragma once

namespace stand_in {

int install();
int upgrade_ipam();

}  // namespace stand_in
