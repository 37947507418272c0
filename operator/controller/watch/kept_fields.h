// Which members of an object are read from a list or a watch; all others never are in memory.
#pragma once

#include "controller/snapshot/watched_kind.h"
#include "json/sieve.h"

namespace controller {

// Lives as long as the program. More than the parsers use today: what is left out are the members
// that may be large (managedFields, the images of a node, the containers' settings of a pod) and
// those that no such object has. Who lets a parser read another member looks here first.
const json::Keep& kept_fields(Kind kind);
const json::Keep& kept_fields_of_pods();

}  // namespace controller
