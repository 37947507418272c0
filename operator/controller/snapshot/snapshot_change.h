// An observed change of the cluster, as a function on the snapshot: made on any thread from what
// the server sent, carried out on the strand that owns the snapshot.
#pragma once

#include <functional>

namespace controller {

class SnapshotBuilder;
using Change = std::function<void(SnapshotBuilder&)>;

}  // namespace controller
