// Names of which there may be thousands, in a line that people read.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace migration {

// So many nodes are named in messages about nodes that a person has to visit one by one.
inline constexpr std::size_t kNodesShown = 10;

// "a, b, c and 4 more"
std::string name_some(const std::vector<std::string>& names, std::size_t shown = 5);

}  // namespace migration
