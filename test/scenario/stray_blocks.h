// What Calico does to its IPAM data where a migration does not keep it from it.
#pragma once

#include "scenario/world.h"

#include <string>

namespace scenario {

// The node claims that block; whose it was, it was given back by garbage collection before.
void claim(World& world, const std::string& node, const net::Cidr& cidr);
// The pods of that node were started when only that block had free addresses.
void fill(World& world, const std::string& node, const net::Cidr& cidr);

}  // namespace scenario
