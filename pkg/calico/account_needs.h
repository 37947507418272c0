// Rights that the ServiceAccounts of Calico's programs need, as the manifests of Calico v3.27 to
// v3.32 grant them (canal.yaml, flannel-migration/calico.yaml: ClusterRoles calico-node,
// calico-cni-plugin).
#pragma once

#include "api/access_right.h"
#include "api/daemon_set.h"

#include <vector>

namespace calico {

struct AccountNeed {
  api::ObjectKey set;      // the DaemonSet whose pods would fail
  api::ObjectKey account;  // the ServiceAccount
  api::AccessRight right;
  auto operator<=>(const AccountNeed&) const = default;

  // Commands that give the right.
  std::string fix() const;
};

// `set` is the DaemonSet that runs calico-node, or Canal's.
std::vector<AccountNeed> needs_of_calico(const api::DaemonSet& set);
std::vector<AccountNeed> needs_of_canal(const api::DaemonSet& set);

}  // namespace calico
