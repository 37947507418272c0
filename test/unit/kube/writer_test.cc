#include "kube/writer.h"

#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using namespace kube;
using base::ErrorKind;

TEST_CASE("a write answers with the object as it is now") {
  fakes::FakeTransport transport([](const Request&) {
    return Response{200, R"({"metadata":{"resourceVersion":"8"}})"};
  });
  const auto patched = Writer(transport).patch({kNodes, "", "w1"}, PatchType::Merge, "{}");
  REQUIRE(patched);
  CHECK((*patched)["metadata"]["resourceVersion"].string() == "8");
  CHECK(transport.requests()[0].to_string() == "PATCH /api/v1/nodes/w1");
}

TEST_CASE("a collection is deleted whatever the server says of its objects") {
  int status = 200;
  fakes::FakeTransport transport([&](const Request& request) -> base::Result<Response> {
    CHECK(request.path == "/api/v1/namespaces/ns/pods?labelSelector=a%3Db");
    return Response{status, "no JSON at all"};
  });
  const Writer writer(transport);
  CHECK(writer.remove_collection(kPods, {"ns", "a=b", ""}));
  status = 403;
  CHECK(writer.remove_collection(kPods, {"ns", "a=b", ""}).error().kind == ErrorKind::Forbidden);
}

TEST_CASE("a closed gate stops every write before it is sent") {
  fakes::FakeTransport transport([](const Request&) { return Response{200, "{}"}; });
  bool open = true;
  const Writer writer(transport, [&]() -> std::optional<std::chrono::steady_clock::time_point> {
    return open ? std::optional(std::chrono::steady_clock::time_point::max()) : std::nullopt;
  });
  const ObjectRef pod{kPods, "ns", "p"};
  CHECK(writer.create(kPods, "ns", "{}"));
  open = false;
  CHECK(writer.create(kPods, "ns", "{}").error().kind == ErrorKind::Cancelled);
  CHECK(writer.replace(pod, "{}").error().kind == ErrorKind::Cancelled);
  CHECK(writer.patch(pod, PatchType::Json, "[]").error().kind == ErrorKind::Cancelled);
  CHECK(writer.remove(pod).error().kind == ErrorKind::Cancelled);
  CHECK(writer.remove_collection(kPods, {"ns"}).error().kind == ErrorKind::Cancelled);
  CHECK(writer.evict(pod).error().kind == ErrorKind::Cancelled);
  CHECK(transport.requests().size() == 1);
}
