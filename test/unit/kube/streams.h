// What tests of streams have in common.
#pragma once

#include "base/error.h"

#include <chrono>
#include <string_view>

namespace kube {

// Only ends a test that hangs.
inline constexpr std::chrono::seconds kPatience{60};
// For streams whose pieces do not matter.
inline const auto kIgnore = [](std::string_view) -> base::Result<void> { return {}; };

}  // namespace kube
