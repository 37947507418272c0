#include "controller/cluster/discovery.h"

#include "controller/snapshot/resources.h"
#include "kube/answer_kind.h"

namespace controller {

base::Result<bool> calico_uses_v3(const kube::Reader& reader) {
  const auto groups = reader.get_raw("/apis");
  if (!groups) return base::Failure(groups.error());
  if ((*groups)["kind"].string_view() != "APIGroupList")
    return base::Failure(
        kube::wrong_kind("APIGroupList", groups->root()).with_context("GET /apis"));
  bool v1 = false;
  bool v3 = false;
  for (const auto& group : (*groups)["groups"].items()) {
    const auto name = group["name"].string_view();
    v1 = v1 || name == kCalicoGroup;
    v3 = v3 || name == "projectcalico.org";
  }
  return v3 && !v1;
}

}  // namespace controller
