// Names the members of an object that are read from a list or a watch; all others never take
// memory.
#pragma once

#include "controller/snapshot/watched_kind.h"
#include "json/sieve.h"

namespace controller {

// The result lives as long as the program. It has more members than the parsers use today: left out
// are members that may be large (managedFields, the images of a node, the containers' settings of a
// pod) and members that no such object has. A parser that needs another member needs it here first.
const json::Keep& kept_fields(Kind kind);
const json::Keep& kept_fields_of_pods();

}  // namespace controller
