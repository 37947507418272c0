// Reads the API server's discovery documents.
#pragma once

#include "base/error.h"
#include "json/value.h"
#include "kube/resource.h"
#include "kube/transport.h"

#include <stop_token>

namespace kube {

// True if the server serves the kind. Unknown paths are answered "404 page not found" in plain
// text, as any proxy would answer; only these documents show the difference. Blocks.
base::Result<bool> is_served(Transport& transport, const Resource& resource,
                             const std::stop_token& stop);

}  // namespace kube
