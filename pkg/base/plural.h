// Numbers of things in sentences for people.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace base {

// "1 node", "3 nodes"; `thing` is a noun whose plural ends with s.
inline std::string counted(std::int64_t number, std::string_view thing) {
  return fmt::format("{} {}{}", number, thing, number == 1 ? "" : "s");
}

}  // namespace base
