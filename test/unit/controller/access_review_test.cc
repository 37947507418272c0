#include "controller/access_review.h"

#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

const AccessScope kScope{"ours",
                         {{"kube-flannel", "kube-flannel-ds"}},
                         {{"kube-system", "calico-node"}},
                         {{"kube-system", "calico-config"}}};

// Asks a server that denies what `denied` says yes to; attributes are those of the question.
base::Result<std::vector<std::string>> review(
    const std::function<bool(json::View attributes)>& denied) {
  fakes::FakeTransport transport([&](const kube::Request& request) {
    const auto body = json::Document::parse(request.body).value();
    CHECK(request.to_string() == "POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews");
    CHECK(body["kind"].string() == "SelfSubjectAccessReview");
    const bool no = denied(body["spec"]["resourceAttributes"]);
    return kube::Response{
        201, no ? R"({"status":{"allowed":false}})" : R"({"status":{"allowed":true}})"};
  });
  return missing_rights(kube::Writer(transport), kScope);
}

}  // namespace

TEST_CASE("nothing is missing when everything is allowed") {
  const auto missing = review([](json::View) { return false; });
  REQUIRE(missing);
  CHECK(missing->empty());
}

TEST_CASE("a right that is missing is named as an admin would give it") {
  const auto missing = review([](json::View asked) {
    return asked["subresource"].string() == "eviction" ||
           asked["resource"].string() == "configmaps" || asked["verb"].string() == "delete" ||
           asked["name"].string() == "calico-node" ||
           (asked["resource"].string() == "nodes" && asked["verb"].string() == "patch");
  });
  REQUIRE(missing);
  CHECK(*missing == std::vector<std::string>{
                        "patch nodes", "patch nodes/status", "create pods/eviction", "delete pods",
                        "delete ippools", "delete felixconfigurations", "delete ipamconfigs",
                        "delete ipamblocks", "delete blockaffinities", "delete ipamhandles",
                        "create configmaps in ours",
                        "delete daemonsets kube-flannel-ds in kube-flannel",
                        "patch daemonsets calico-node in kube-system",
                        "patch configmaps calico-config in kube-system"});
}

TEST_CASE("rights are asked for where they are needed only") {
  const auto missing = review([](json::View asked) {
    const auto resource = asked["resource"].string();
    if (resource == "nodes") CHECK_FALSE(asked["namespace"].exists());
    if (resource == "pods" && asked["namespace"].exists())
      CHECK(asked["namespace"].string() == "ours");
    // What is not there yet has no name to give a right for.
    if (asked["verb"].string() == "create") CHECK_FALSE(asked["name"].exists());
    return false;
  });
  CHECK(missing);
}

TEST_CASE("an answer covers a smaller scope, and no larger one") {
  AccessScope larger = kScope;
  larger.flannel.insert({"kube-system", "canal"});
  CHECK(larger.covers(kScope));
  CHECK_FALSE(kScope.covers(larger));
  CHECK(kScope.covers(kScope));
  CHECK_FALSE(AccessScope{}.covers(kScope));
}

TEST_CASE("an answer without a verdict is no permission") {
  fakes::FakeTransport transport([](const kube::Request&) { return kube::Response{201, "{}"}; });
  const auto missing = missing_rights(kube::Writer(transport), kScope);
  REQUIRE(missing);
  CHECK(missing->size() == transport.requests().size());
}

TEST_CASE("an answer that does not come says nothing about rights") {
  fakes::FakeTransport transport([](const kube::Request&) { return kube::Response{503, ""}; });
  const auto missing = missing_rights(kube::Writer(transport), kScope);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == base::ErrorKind::Unavailable);
  CHECK(transport.requests().size() == 1);
}
