// How long tests wait for what has to come.
#pragma once

#include <chrono>

namespace fakes {

// Only ends a test that hangs: a starved machine may let a thread wait for many seconds.
inline constexpr std::chrono::seconds kPatience{60};

}  // namespace fakes
