// Asks the API server whether we may do what a migration needs, before anything is begun.
#pragma once

#include "api/meta.h"
#include "kube/writer.h"

#include <string>
#include <vector>

namespace controller {

// One question per right; what is missing as "patch nodes" or "create pods in flannel-migration".
// An answer that does not come counts as an error: nothing is concluded from it.
base::Result<std::vector<std::string>> missing_rights(const kube::Writer& writer,
                                                      const std::string& own_namespace);

}  // namespace controller
