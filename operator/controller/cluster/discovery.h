// Facts about the API server that are asked once and not watched.
#pragma once

#include "kube/reader.h"

namespace controller {

// Whether Calico keeps its objects in projectcalico.org/v3: that group is served and
// crd.projectcalico.org is not. With both, the former is the aggregated API server's.
base::Result<bool> calico_uses_v3(const kube::Reader& reader);

}  // namespace controller
