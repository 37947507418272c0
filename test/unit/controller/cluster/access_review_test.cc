#include "controller/cluster/access_review.h"

#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

const AccessScope kScope{"ours",
                         {{"kube-flannel", "kube-flannel-ds"}},
                         {{"kube-system", "calico-node"}},
                         {{"kube-system", "calico-config"}}};

// Asks a server that denies what `denied` says yes to; attributes are those of the question.
base::Result<MissingRights> review(const std::function<bool(json::View attributes)>& denied) {
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
  CHECK(missing->none());
}

TEST_CASE("a right that is missing is named as an admin would give it") {
  const auto missing = review([](json::View asked) {
    return asked["subresource"].string() == "eviction" ||
           asked["resource"].string() == "configmaps" || asked["verb"].string() == "delete" ||
           asked["name"].string() == "calico-node" ||
           (asked["resource"].string() == "nodes" && asked["verb"].string() == "patch");
  });
  REQUIRE(missing);
  CHECK(missing->ours == std::vector<std::string>{
                             "patch nodes", "patch nodes/status", "create pods/eviction",
                             "delete pods", "delete ippools", "delete felixconfigurations",
                             "delete ipamconfigs", "delete ipamblocks", "delete blockaffinities",
                             "delete ipamhandles", "create configmaps in ours",
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

TEST_CASE("accounts are asked for as the API server knows them, and each right of theirs is told") {
  AccessScope scope = kScope;
  const calico::AccountNeed token{
      {"kube-system", "canal"},
      {"kube-system", "canal"},
      {"create", "", "serviceaccounts", "kube-system", "canal", "token"}};
  scope.accounts = {token};
  const int status = GENERATE(201, 403, 503);
  CAPTURE(status);
  fakes::FakeTransport transport([&](const kube::Request& request) {
    if (request.path.find("/selfsubject") != std::string::npos)
      return kube::Response{201, R"({"status":{"allowed":true}})"};
    CHECK(
        json::Document::parse(request.body)->root().dump() ==
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":)"
        R"({"user":"system:serviceaccount:kube-system:canal","groups":)"
        R"(["system:serviceaccounts","system:serviceaccounts:kube-system","system:authenticated"],)"
        R"("resourceAttributes":{"verb":"create","group":"","resource":"serviceaccounts",)"
        R"("subresource":"token","name":"canal","namespace":"kube-system"}}})");
    return kube::Response{status, R"({"status":{"allowed":false}})"};
  });
  const auto missing = missing_rights(kube::Writer(transport), scope);
  // Where we may not ask, nothing is said of others; that right of ours is asked for as well.
  CHECK(missing.has_value() == (status != 503));
  if (missing) CHECK(missing->of_accounts.size() == (status == 201 ? 1 : 0));
  if (missing && status == 201) CHECK(missing->of_accounts.front() == token);
}

TEST_CASE("an answer covers a smaller scope, and no larger one") {
  AccessScope larger = kScope;
  AccessScope of_others = kScope;
  of_others.accounts = {calico::AccountNeed{}};
  CHECK_FALSE(kScope.covers(of_others));
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
  CHECK(missing->ours.size() == transport.requests().size());
}

TEST_CASE("an answer that does not come says nothing about rights") {
  fakes::FakeTransport transport([](const kube::Request&) { return kube::Response{503, ""}; });
  const auto missing = missing_rights(kube::Writer(transport), kScope);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == base::ErrorKind::Unavailable);
  CHECK(transport.requests().size() == 1);
}
