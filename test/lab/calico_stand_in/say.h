#pragma once

#include <string>

namespace stand_in {

// A line of a pod's log, with the time of day.
void say(const std::string& what);

}  // namespace stand_in
