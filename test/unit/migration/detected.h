// Where a setting was found, for tests of how settings are resolved.
#pragma once

#include "migration/facts/settings.h"

#include <string>
#include <string_view>

namespace build {

inline std::string source_of(const migration::Settings& settings, std::string_view name) {
  const auto* found = migration::find_setting(settings.detected, name);
  return found == nullptr ? "absent" : found->source;
}

}  // namespace build
