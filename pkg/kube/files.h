// Small files: certificates, tokens, kubeconfigs.
#pragma once

#include "base/error.h"

#include <string>

namespace kube {

// NotFound when it does not exist, Invalid when it cannot be read or is longer than 4 MiB.
base::Result<std::string> read_file(const std::string& path);

}  // namespace kube
