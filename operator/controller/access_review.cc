#include "controller/access_review.h"

#include "api/names.h"
#include "controller/resources.h"
#include "json/writer.h"

#include <fmt/format.h>

#include <array>

namespace controller {
namespace {

enum class Where { Everywhere, OwnNamespace };

struct Right {
  const char* verb;
  std::string_view group;
  const char* resource;
  const char* subresource;
  Where where;
  std::string_view name = {};  // for rights that are given for one object
};

constexpr std::array kRights = {
    Right{"patch", "", "nodes", "", Where::Everywhere},
    Right{"create", "", "pods", "eviction", Where::Everywhere},
    Right{"patch", "cni-migration.io", "flannelmigrations", "", Where::Everywhere},
    Right{"patch", "cni-migration.io", "flannelmigrations", "status", Where::Everywhere},
    Right{"create", kCalicoGroup, "ippools", "", Where::Everywhere},
    Right{"patch", kCalicoGroup, "felixconfigurations", "", Where::Everywhere, api::kDefaultName},
    Right{"patch", kCalicoGroup, "ipamconfigs", "", Where::Everywhere, api::kDefaultName},
    Right{"create", kCalicoGroup, "ipamblocks", "", Where::Everywhere},
    Right{"update", kCalicoGroup, "ipamblocks", "", Where::Everywhere},
    Right{"create", kCalicoGroup, "blockaffinities", "", Where::Everywhere},
    Right{"create", kCalicoGroup, "ipamhandles", "", Where::Everywhere},
    Right{"create", "", "pods", "", Where::OwnNamespace},
    Right{"deletecollection", "", "pods", "", Where::OwnNamespace},
    Right{"create", "", "configmaps", "", Where::OwnNamespace},
};

std::string review_body(const Right& right, const std::string& ns) {
  json::Writer w;
  w.object()
      .field("apiVersion", "authorization.k8s.io/v1")
      .field("kind", "SelfSubjectAccessReview");
  w.key("spec").object().key("resourceAttributes").object();
  w.field("verb", right.verb).field("group", right.group).field("resource", right.resource);
  w.field_if("subresource", right.subresource).field_if("name", right.name);
  if (right.where == Where::OwnNamespace) w.field("namespace", ns);
  w.end().end().end();
  return w.text();
}

std::string describe(const Right& right, const std::string& ns) {
  std::string text = fmt::format("{} {}", right.verb, right.resource);
  if (*right.subresource != '\0') text += fmt::format("/{}", right.subresource);
  if (right.where == Where::OwnNamespace) text += " in " + ns;
  return text;
}

}  // namespace

base::Result<std::vector<std::string>> missing_rights(const kube::Writer& writer,
                                                      const std::string& own_namespace) {
  std::vector<std::string> missing;
  for (const auto& right : kRights) {
    const auto answer = writer.create(kAccessReviews, "", review_body(right, own_namespace));
    if (!answer) return base::Failure(answer.error());
    if (!(*answer)["status"]["allowed"].boolean())
      missing.push_back(describe(right, own_namespace));
  }
  return missing;
}

}  // namespace controller
