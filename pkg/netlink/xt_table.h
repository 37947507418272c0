// A legacy table, through libiptc. The library has the same calls for IPv4 and IPv6 under other
// names; these functions hide the difference.
#pragma once

#include "base/error.h"
#include "netlink/packet_filter.h"

#include <string>

namespace netlink {

// Reads a table that exists.
base::Result<FilterTable> read_xt_table(net::Family family, const std::string& name);
// REQUIRES: the xtables lock.
base::Result<void> cut_xt_table(const FilterCut& cut);
// REQUIRES: the xtables lock.
base::Result<void> rename_xt_chains(const FilterRename& rename);

}  // namespace netlink
