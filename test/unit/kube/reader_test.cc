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

const std::string kNotFound = R"({"kind":"Status","reason":"NotFound"})";

constexpr Resource kThings{"example.org", "v1", "things", "Thing"};

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
    return has(request, "w1") ? Response{200, R"({"kind":"Node","apiVersion":"v1"})"}
                              : Response{404, kNotFound};
  });
  const Reader reader(transport);
  CHECK((*reader.get({kNodes, "", "w1"}))["kind"].string() == "Node");
  CHECK(reader.get({kNodes, "", "w2"}).error().kind == ErrorKind::NotFound);
  CHECK_FALSE(reader.get_raw("/version"));
}

TEST_CASE("an answer that is something else than the object asked for is an error") {
  const std::string body =
      GENERATE(as<std::string>(), R"({"status":"ok"})", R"({"kind":"Pod","apiVersion":"v1"})",
               R"({"kind":"Node","apiVersion":"v2"})");
  fakes::FakeTransport transport([&](const Request&) { return Response{200, body}; });
  transport.answer_verbatim();
  CHECK(Reader(transport).get({kNodes, "", "w1"}).error().kind == ErrorKind::Protocol);
}

TEST_CASE("a list of something else is an error, and hands nothing out") {
  struct Row {
    const char* what;
    std::string body;
    bool fits;
  };
  const Row rows[] = {
      {"no list", R"({"status":"ok"})", false},
      {"another kind", R"({"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{}]})", false},
      {"another version", R"({"kind":"NodeList","apiVersion":"v2","items":[{}]})", false},
      {"no kind at all", R"({"metadata":{},"items":[{}]})", false},
      {"items of another kind",
       R"({"apiVersion":"v1","items":[{"kind":"Pod","apiVersion":"v1"}],"kind":"NodeList"})",
       false},
      {"as built-in kinds",
       R"({"kind":"NodeList","apiVersion":"v1","metadata":{"resourceVersion":"5"},"items":[{}]})",
       true},
      {"as custom kinds",
       R"({"apiVersion":"v1","items":[{"apiVersion":"v1","kind":"Node"}],"kind":"NodeList",
           "metadata":{"resourceVersion":"5"}})",
       true},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    fakes::FakeTransport transport([&](const Request&) { return Response{200, row.body}; });
    transport.answer_verbatim();
    int items = 0;
    const auto version = Reader(transport).list(kNodes, {}, [&](json::View) { ++items; });
    CHECK(version.has_value() == row.fits);
    CHECK(items == (row.fits ? 1 : 0));
    if (!row.fits) CHECK(version.error().kind == ErrorKind::Protocol);
  }
}

TEST_CASE("a kind is not served when the server's discovery says so, too") {
  struct Row {
    const char* what;
    Resource resource;
    Response list, version, groups;
    ErrorKind kind;
  };
  const Response page{404, "404 page not found"};
  const Response status{404, kNotFound};
  const auto kinds = [](const std::string& names) {
    return Response{
        200, R"({"kind":"APIResourceList","groupVersion":"example.org/v1","resources":[)" + names +
                 "]}"};
  };
  const auto groups = [](const std::string& names) {
    return Response{200, R"({"kind":"APIGroupList","groups":[)" + names + "]}"};
  };
  const std::string group = R"({"name":"example.org","versions":[{"version":"v1"}]})";
  const std::string old = R"({"name":"example.org","versions":[{"version":"v1beta1"}]})";
  const Row rows[] = {
      {"its group is gone", kThings, page, page, groups(""), ErrorKind::NotFound},
      {"its version is gone", kThings, page, page, groups(old), ErrorKind::NotFound},
      {"other kinds of its version are there", kThings, page, kinds(R"({"name":"others"})"),
       groups(group), ErrorKind::NotFound},
      {"a Status says so", kThings, status, page, groups(""), ErrorKind::NotFound},
      {"discovery has it", kThings, page, kinds(R"({"name":"things"})"), groups(group),
       ErrorKind::Protocol},
      {"discovery is behind", kThings, page, page, groups(group), ErrorKind::Protocol},
      {"a proxy answers all", kThings, page, page, page, ErrorKind::Protocol},
      {"another program answers all",
       kThings,
       {200, R"({"status":"ok"})"},
       {200, R"({"status":"ok"})"},
       {200, R"({"status":"ok"})"},
       ErrorKind::Protocol},
      {"discovery may not be read", kThings, page, {403, ""}, {403, ""}, ErrorKind::Forbidden},
      {"every API server has it", kNodes, page, page, groups(""), ErrorKind::Protocol},
      {"every API server has it", kDaemonSets, status, page, groups(""), ErrorKind::Protocol},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    fakes::FakeTransport transport([&](const Request& request) {
      if (request.path == "/apis") return row.groups;
      return request.path == "/apis/example.org/v1" ? row.version : row.list;
    });
    transport.answer_verbatim();
    const auto version = Reader(transport).list(row.resource, {}, [](json::View) {});
    REQUIRE_FALSE(version);
    CHECK(version.error().kind == row.kind);
  }
}

TEST_CASE("a list that leads back to itself is given up") {
  fakes::FakeTransport transport([](const Request&) { return Response{200, page("a", "t")}; });
  const auto version = Reader(transport).list(kNodes, {}, [](json::View) {});
  REQUIRE_FALSE(version);
  CHECK(version.error().kind == ErrorKind::Protocol);
  CHECK(transport.requests().size() == 2);
}

TEST_CASE("a list without a version is an error") {
  fakes::FakeTransport transport([](const Request&) { return Response{200, R"({"items":[]})"}; });
  const auto version = Reader(transport).list(kNodes, {}, [](json::View) {});
  REQUIRE_FALSE(version);
  CHECK(version.error().kind == ErrorKind::Protocol);
}
