// The sets of addresses that rules of the packet filter speak of.
#pragma once

#include "base/error.h"
#include "net/cidr.h"

#include <map>
#include <string>
#include <vector>

namespace stand_in {

// By name.
using IpSets = std::map<std::string, std::vector<net::Cidr>>;

// What Felix puts before its own names: "cali40s:", "cali60s:".
std::string set_prefix(net::Family family);

// Each with these members, at once: it never is without one that it keeps.
base::Result<void> ensure_sets(net::Family family, const IpSets& sets);
// Felix's others of the family go. No rule may speak of them any more.
base::Result<void> remove_other_sets(net::Family family, const IpSets& sets);

}  // namespace stand_in
