#include "controller/access_review.h"

#include "api/names.h"
#include "controller/resources.h"
#include "json/writer.h"

#include <fmt/format.h>

#include <algorithm>

namespace controller {
namespace {

struct Right {
  std::string verb;
  std::string_view group;
  std::string resource;
  std::string ns = {};    // empty: everywhere
  std::string name = {};  // for rights that are given for one object
  std::string subresource = {};
};

std::vector<Right> common_rights(const std::string& own) {
  const std::string everywhere;
  const std::string by_default(api::kDefaultName);
  return {
      {"patch", "", "nodes"},
      {"patch", "", "nodes", everywhere, {}, "status"},
      {"create", "", "pods", everywhere, {}, "eviction"},
      {"patch", "cni-migration.io", "flannelmigrations"},
      {"patch", "cni-migration.io", "flannelmigrations", everywhere, {}, "status"},
      {"delete", "", "pods"},
      {"create", kCalicoGroup, "ippools"},
      {"delete", kCalicoGroup, "ippools", everywhere, std::string(api::kDefaultPoolV4)},
      {"create", kCalicoGroup, "felixconfigurations"},
      {"patch", kCalicoGroup, "felixconfigurations", everywhere, by_default},
      {"delete", kCalicoGroup, "felixconfigurations", everywhere, by_default},
      {"create", kCalicoGroup, "ipamconfigs"},
      {"patch", kCalicoGroup, "ipamconfigs", everywhere, by_default},
      {"delete", kCalicoGroup, "ipamconfigs", everywhere, by_default},
      {"create", kCalicoGroup, "ipamblocks"},
      {"update", kCalicoGroup, "ipamblocks"},
      {"delete", kCalicoGroup, "ipamblocks"},
      {"create", kCalicoGroup, "blockaffinities"},
      {"update", kCalicoGroup, "blockaffinities"},
      {"delete", kCalicoGroup, "blockaffinities"},
      {"create", kCalicoGroup, "ipamhandles"},
      {"update", kCalicoGroup, "ipamhandles"},
      {"delete", kCalicoGroup, "ipamhandles"},
      {"create", "", "pods", own},
      {"deletecollection", "", "pods", own},
      {"create", "", "configmaps", own},
  };
}

std::vector<Right> rights_of(const AccessScope& scope) {
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

std::string review_body(const Right& right) {
  json::Writer w;
  w.object()
      .field("apiVersion", "authorization.k8s.io/v1")
      .field("kind", "SelfSubjectAccessReview");
  w.key("spec").object().key("resourceAttributes").object();
  w.field("verb", right.verb).field("group", right.group).field("resource", right.resource);
  w.field_if("subresource", right.subresource).field_if("name", right.name);
  w.field_if("namespace", right.ns);
  w.end().end().end();
  return w.text();
}

std::string describe(const Right& right) {
  std::string text = fmt::format("{} {}", right.verb, right.resource);
  if (!right.subresource.empty()) text += "/" + right.subresource;
  if (!right.ns.empty() && !right.name.empty()) text += " " + right.name;
  if (!right.ns.empty()) text += " in " + right.ns;
  return text;
}

bool includes(const std::set<api::ObjectKey>& all, const std::set<api::ObjectKey>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

}  // namespace

bool AccessScope::covers(const AccessScope& other) const {
  return own_namespace == other.own_namespace && includes(flannel, other.flannel) &&
         includes(calico_node, other.calico_node) && includes(calico_config, other.calico_config);
}

base::Result<std::vector<std::string>> missing_rights(const kube::Writer& writer,
                                                      const AccessScope& scope) {
  std::vector<std::string> missing;
  for (const auto& right : rights_of(scope)) {
    const auto answer = writer.create(kAccessReviews, "", review_body(right));
    if (!answer) return base::Failure(answer.error());
    if (!(*answer)["status"]["allowed"].boolean()) missing.push_back(describe(right));
  }
  return missing;
}

}  // namespace controller
