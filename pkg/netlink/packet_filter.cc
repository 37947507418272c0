#include "netlink/packet_filter.h"

#include <algorithm>

namespace netlink {

std::map<std::string, std::string> renames_in(const FilterTable& table,
                                              const FilterRename& rename) {
  std::set<std::string> names;
  for (const auto& chain : table.chains) names.insert(chain.name);
  std::map<std::string, std::string> possible;
  for (const auto& [from, to] : rename.chains) {
    if (names.contains(from) && names.insert(to).second) possible.emplace(from, to);
  }
  return possible;
}

bool is_cut(const FilterRule& rule, const FilterCut& cut) {
  return cut.chains.contains(rule.target) ||
         std::any_of(rule.comments.begin(), rule.comments.end(),
                     [&cut](const auto& comment) { return cut.comments.contains(comment); });
}

}  // namespace netlink
