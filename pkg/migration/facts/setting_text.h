// A setting as status, findings and the saved originals write it.
#pragma once

#include "net/cidr.h"

#include <fmt/format.h>

#include <string>

namespace migration {

inline std::string setting_text(const net::Cidr& cidr) { return cidr.to_string(); }
template <typename T>  // numbers, flags and texts
std::string setting_text(const T& value) {
  return fmt::format("{}", value);
}

}  // namespace migration
