#include "kube/reader.h"

#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using namespace kube;
using base::ErrorKind;

namespace {

std::string page(const std::string& name, const std::string& more) {
  return R"({"metadata":{"resourceVersion":"5","continue":")" + more +
         R"("},"items":[{"metadata":{"name":")" + name + R"("}}]})";
}

bool has(const Request& request, const std::string& part) {
  return request.path.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("a list is read to its last page") {
  fakes::FakeTransport transport([](const Request& request) {
    return Response{200, has(request, "continue=t") ? page("b", "") : page("a", "t")};
  });
  std::string names;
  const auto version = Reader(transport).list(
      kNodes, {}, [&](json::View item) { names += item["metadata"]["name"].string(); });
  REQUIRE(version);
  CHECK(*version == "5");
  CHECK(names == "ab");
}

TEST_CASE("a list that expired begins again and says so") {
  int expired = 1;
  fakes::FakeTransport transport([&](const Request& request) {
    if (!has(request, "continue=")) return Response{200, page("a", "t")};
    return expired-- > 0 ? Response{410, ""} : Response{200, page("b", "")};
  });
  std::string names;
  const auto version = Reader(transport).list(
      kNodes, {}, [&](json::View item) { names += item["metadata"]["name"].string(); },
      [&] { names.clear(); });
  REQUIRE(version);
  CHECK(names == "ab");
  CHECK(transport.requests().size() == 4);
}

TEST_CASE("a list that expires again and again is given up") {
  fakes::FakeTransport transport([](const Request& request) {
    return has(request, "continue=") ? Response{410, ""} : Response{200, page("a", "t")};
  });
  const auto version = Reader(transport).list(kNodes, {}, [](json::View) {});
  REQUIRE_FALSE(version);
  CHECK(version.error().kind == ErrorKind::Gone);
}

TEST_CASE("a list that is cut off is an error and not a short list") {
  fakes::FakeTransport transport([](const Request&) {
    return Response{200, R"({"items":[{"metadata":{"name":"a"}})"};
  });
  const auto version = Reader(transport).list(kNodes, {}, [](json::View) {});
  REQUIRE_FALSE(version);
  CHECK(version.error().kind == ErrorKind::Protocol);
}

TEST_CASE("one object is read, or the server's error told") {
  fakes::FakeTransport transport([](const Request& request) {
    return has(request, "w1") ? Response{200, R"({"kind":"Node"})"} : Response{404, ""};
  });
  const Reader reader(transport);
  CHECK((*reader.get({kNodes, "", "w1"}))["kind"].string() == "Node");
  CHECK(reader.get({kNodes, "", "w2"}).error().kind == ErrorKind::NotFound);
  CHECK_FALSE(reader.get_raw("/version"));
}

TEST_CASE("a list that leads back to itself is given up") {
  fakes::FakeTransport transport([](const Request&) { return Response{200, page("a", "t")}; });
  const auto version = Reader(transport).list(kNodes, {}, [](json::View) {});
  REQUIRE_FALSE(version);
  CHECK(version.error().kind == ErrorKind::Protocol);
  CHECK(transport.requests().size() == 2);
}
