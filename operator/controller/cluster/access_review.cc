#include "controller/cluster/access_review.h"

#include "api/names.h"
#include "api/service_account.h"
#include "controller/snapshot/resources.h"
#include "json/writer.h"

#include <algorithm>

namespace controller {
namespace {

using api::AccessRight;

std::vector<AccessRight> common_rights(const std::string& own) {
  const std::string everywhere;
  const std::string calico(kCalicoGroup);
  const std::string by_default(api::kDefaultName);
  return {
      {"patch", "", "nodes"},
      {"patch", "", "nodes", everywhere, {}, "status"},
      {"create", "", "pods", everywhere, {}, "eviction"},
      {"patch", "cni-migration.io", "flannelmigrations"},
      {"patch", "cni-migration.io", "flannelmigrations", everywhere, {}, "status"},
      {"delete", "", "pods"},
      {"create", calico, "ippools"},
      {"delete", calico, "ippools", everywhere, std::string(api::kDefaultPoolV4)},
      {"create", calico, "felixconfigurations"},
      {"patch", calico, "felixconfigurations", everywhere, by_default},
      {"delete", calico, "felixconfigurations", everywhere, by_default},
      {"create", calico, "ipamconfigs"},
      {"patch", calico, "ipamconfigs", everywhere, by_default},
      {"delete", calico, "ipamconfigs", everywhere, by_default},
      {"create", calico, "ipamblocks"},
      {"update", calico, "ipamblocks"},
      {"delete", calico, "ipamblocks"},
      {"create", calico, "blockaffinities"},
      {"update", calico, "blockaffinities"},
      {"delete", calico, "blockaffinities"},
      {"create", calico, "ipamhandles"},
      {"update", calico, "ipamhandles"},
      {"delete", calico, "ipamhandles"},
      {"create", "", "pods", own},
      {"deletecollection", "", "pods", own},
      {"create", "", "configmaps", own},
      {"create", "authorization.k8s.io", "subjectaccessreviews"},
  };
}

std::vector<AccessRight> rights_of(const AccessScope& scope) {
  auto rights = common_rights(scope.own_namespace);
  for (const auto& set : scope.flannel) {
    for (const auto* verb : {"patch", "delete"})
      rights.push_back({verb, "apps", "daemonsets", set.ns, set.name});
    rights.push_back({"create", "apps", "daemonsets", set.ns});  // has no name
  }
  for (const auto& set : scope.calico_node)
    rights.push_back({"patch", "apps", "daemonsets", set.ns, set.name});
  for (const auto& map : scope.calico_config)
    rights.push_back({"patch", "", "configmaps", map.ns, map.name});
  return rights;
}

void write_right(const AccessRight& right, json::Writer& w) {
  w.key("resourceAttributes").object();
  w.field("verb", right.verb).field("group", right.group).field("resource", right.resource);
  w.field_if("subresource", right.subresource).field_if("name", right.name);
  w.field_if("namespace", right.ns);
  w.end();
}

// Writes the user and groups as the API server itself names a ServiceAccount.
void write_account(const api::ObjectKey& account, json::Writer& w) {
  w.field("user", api::user_of(account));
  w.key("groups").array();
  w.string("system:serviceaccounts").string("system:serviceaccounts:" + account.ns);
  w.string("system:authenticated").end();
}

// Asks about the operator itself if `account` is null.
std::string review_body(const kube::Resource& review, const AccessRight& right,
                        const api::ObjectKey* account) {
  json::Writer w;
  w.object().field("apiVersion", "authorization.k8s.io/v1").field("kind", review.kind);
  w.key("spec").object();
  if (account != nullptr) write_account(*account, w);
  write_right(right, w);
  w.end().end();
  return w.text();
}

base::Result<bool> allowed(const kube::Writer& writer, const kube::Resource& review,
                           const AccessRight& right, const api::ObjectKey* account) {
  const auto answer = writer.create(review, "", review_body(review, right, account));
  if (!answer) return base::Failure(answer.error());
  return (*answer)["status"]["allowed"].boolean();
}

base::Result<void> ask_for_ourselves(const kube::Writer& writer, const AccessScope& scope,
                                     MissingRights& missing) {
  for (const auto& right : rights_of(scope)) {
    const auto answer = allowed(writer, kAccessReviews, right, nullptr);
    if (!answer) return base::Failure(answer.error());
    if (!*answer) missing.ours.push_back(right.to_string());
  }
  return {};
}

base::Result<void> ask_for_accounts(const kube::Writer& writer, const AccessScope& scope,
                                    MissingRights& missing) {
  for (const auto& need : scope.accounts) {
    const auto answer = allowed(writer, kSubjectReviews, need.right, &need.account);
    // The answer Forbidden is reported elsewhere, as a right of ours that is missing.
    if (!answer && answer.error().kind == base::ErrorKind::Forbidden) return {};
    if (!answer) return base::Failure(answer.error());
    if (!*answer) missing.of_accounts.push_back(need);
  }
  return {};
}

template <typename T>
bool includes(const std::set<T>& all, const std::set<T>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

bool AccessScope::covers(const AccessScope& other) const {
  return own_namespace == other.own_namespace && includes(flannel, other.flannel) &&
         includes(calico_node, other.calico_node) && includes(calico_config, other.calico_config) &&
         includes(accounts, other.accounts);
}

base::Result<MissingRights> missing_rights(const kube::Writer& writer, const AccessScope& scope) {
  MissingRights missing;
  if (auto asked = ask_for_ourselves(writer, scope, missing); !asked)
    return base::Failure(asked.error());
  if (auto asked = ask_for_accounts(writer, scope, missing); !asked)
    return base::Failure(asked.error());
  return missing;
}

}  // namespace controller
