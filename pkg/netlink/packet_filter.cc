#include "netlink/packet_filter.h"

#include <algorithm>

namespace netlink {

bool is_cut(const FilterRule& rule, const FilterCut& cut) {
  return cut.chains.contains(rule.target) ||
         std::any_of(rule.comments.begin(), rule.comments.end(),
                     [&cut](const auto& comment) { return cut.comments.contains(comment); });
}

}  // namespace netlink
