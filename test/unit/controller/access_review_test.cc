#include "controller/access_review.h"

#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

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
  return missing_rights(kube::Writer(transport), "ours");
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
           asked["resource"].string() == "configmaps" ||
           (asked["resource"].string() == "nodes" && asked["verb"].string() == "patch");
  });
  REQUIRE(missing);
  CHECK(*missing == std::vector<std::string>{"patch nodes", "create pods/eviction",
                                             "create configmaps in ours"});
}

TEST_CASE("rights of the own namespace are asked for there only") {
  const auto missing = review([](json::View asked) {
    if (asked["namespace"].exists()) CHECK(asked["namespace"].string() == "ours");
    if (asked["resource"].string() == "nodes") CHECK_FALSE(asked["namespace"].exists());
    return false;
  });
  CHECK(missing);
}

TEST_CASE("an answer without a verdict is no permission") {
  fakes::FakeTransport transport([](const kube::Request&) { return kube::Response{201, "{}"}; });
  const auto missing = missing_rights(kube::Writer(transport), "ours");
  REQUIRE(missing);
  CHECK(missing->size() == transport.requests().size());
}

TEST_CASE("an answer that does not come says nothing about rights") {
  fakes::FakeTransport transport([](const kube::Request&) { return kube::Response{503, ""}; });
  const auto missing = missing_rights(kube::Writer(transport), "ours");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == base::ErrorKind::Unavailable);
  CHECK(transport.requests().size() == 1);
}
