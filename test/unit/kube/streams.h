// What tests of streams have in common.
#pragma once

#include "base/error.h"
#include "fakes/patience.h"

#include <string_view>

namespace kube {

using fakes::kPatience;

// For streams whose pieces do not matter.
inline const auto kIgnore = [](std::string_view) -> base::Result<void> { return {}; };

}  // namespace kube
