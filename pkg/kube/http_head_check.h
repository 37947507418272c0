// Heads of answers whose bodies could be read in more than one way, or not at all.
#pragma once

#include "base/error.h"

#include <httplib.h>

namespace kube {

// Protocol for lengths that contradict each other, and for an encoding, as none is asked for.
base::Result<void> check_head(const httplib::Response& head);

}  // namespace kube
