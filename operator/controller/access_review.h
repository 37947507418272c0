// Asks the API server whether we may do what a migration needs, before anything is begun.
#pragma once

#include "api/meta.h"
#include "kube/writer.h"

#include <set>
#include <string>
#include <vector>

namespace controller {

// The objects of this cluster that a migration changes by name, beside what each migration changes.
struct AccessScope {
  std::string own_namespace;
  std::set<api::ObjectKey> flannel;        // its DaemonSets: patched, deleted, created again
  std::set<api::ObjectKey> calico_node;    // its DaemonSet: patched
  std::set<api::ObjectKey> calico_config;  // its ConfigMap: patched

  // Whether an answer for this scope also answers for `other`.
  bool covers(const AccessScope& other) const;
};

// One question per right; what is missing as "patch nodes" or "create pods in flannel-migration".
// An answer that does not come counts as an error: nothing is concluded from it.
base::Result<std::vector<std::string>> missing_rights(const kube::Writer& writer,
                                                      const AccessScope& scope);

}  // namespace controller
