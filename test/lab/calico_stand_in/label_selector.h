// Which labels a Kubernetes label selector asks for.
#pragma once

#include "json/value.h"

namespace stand_in {

// An empty selector selects everything. Labels, and the selector's matchLabels, are objects.
bool selects(json::View selector, json::View labels);

}  // namespace stand_in
