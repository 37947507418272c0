// Asks the API server whether we may do what a migration needs, before anything is begun.
#pragma once

#include "api/meta.h"
#include "calico/account_needs.h"
#include "kube/writer.h"

#include <set>
#include <string>
#include <vector>

namespace controller {

// The objects of this cluster that a migration changes by name, beside what each migration changes,
// and what the DaemonSets that it starts need themselves.
struct AccessScope {
  std::string own_namespace;
  std::set<api::ObjectKey> flannel;        // its DaemonSets: patched, deleted, created again
  std::set<api::ObjectKey> calico_node;    // its DaemonSet: patched
  std::set<api::ObjectKey> calico_config;  // its ConfigMap: patched
  std::set<calico::AccountNeed> accounts{};

  // Whether an answer for this scope also answers for `other`.
  bool covers(const AccessScope& other) const;
};

// Rights that are missing.
struct MissingRights {
  std::vector<std::string> ours;  // "patch nodes", "create pods in flannel-migration"
  std::vector<calico::AccountNeed> of_accounts;

  bool none() const { return ours.empty() && of_accounts.empty(); }
};

// Asks one question per right. A missing answer is an error, from which nothing is concluded. If we
// may not ask about other accounts, that right is the missing one.
base::Result<MissingRights> missing_rights(const kube::Writer& writer, const AccessScope& scope);

}  // namespace controller
