// Rules about what a migration reserves in Calico's IPAM data; what is broken is added to
// World::violations.
#pragma once

#include "scenario/world.h"

#include <string>

namespace scenario {

// Nothing is reserved for a node that is done, but for one address of each block that nothing else
// keeps.
void check_released(World& world, const std::string& node);
// No block of the node in its pod CIDR is empty: Calico's garbage collection would take it, and
// nobody gives it back.
void check_kept(World& world, const std::string& node);
// At an end nothing is reserved at all.
void check_nothing_reserved(World& world, const std::string& end);

}  // namespace scenario
