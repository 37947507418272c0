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

TEST_CASE("a collection is deleted when the server says so") {
  Response answer;
  fakes::FakeTransport transport([&](const Request& request) {
    CHECK(request.path == "/api/v1/namespaces/ns/pods?labelSelector=a%3Db&limit=500");
    return answer;
  });
  transport.answer_verbatim();
  const Writer writer(transport);
  const auto remove = [&](const Response& response) {
    answer = response;
    return writer.remove_collection(kPods, {"ns", "a=b", ""});
  };
  CHECK(remove({200, R"({"kind":"PodList","apiVersion":"v1","items":[{"metadata":{}}]})"}));
  CHECK(remove({200, R"({"kind":"Status","apiVersion":"v1","status":"Success"})"}));
  CHECK(remove({200, R"({"kind":"Status","status":"Failure"})"}).error().kind ==
        ErrorKind::Protocol);
  CHECK(remove({200, R"({"status":"ok"})"}).error().kind == ErrorKind::Protocol);
  CHECK(remove({200, "no JSON at all"}).error().kind == ErrorKind::Protocol);
  CHECK(remove({403, ""}).error().kind == ErrorKind::Forbidden);
}

TEST_CASE("a collection is deleted page by page") {
  std::vector<std::string> tokens;
  fakes::FakeTransport transport([&](const Request& request) {
    const auto at = request.path.find("&continue=");
    tokens.push_back(at == std::string::npos ? "" : request.path.substr(at + 10));
    const std::string next = tokens.size() == 1 ? "a" : tokens.size() == 2 ? "b" : "";
    return Response{200, R"({"kind":"PodList","apiVersion":"v1","metadata":{"continue":")" + next +
                             R"("},"items":[]})"};
  });
  CHECK(Writer(transport).remove_collection(kPods, {"ns"}));
  CHECK(tokens == std::vector<std::string>{"", "a", "b"});
}

TEST_CASE("a collection whose pages never end is given up") {
  fakes::FakeTransport transport([](const Request&) {
    return Response{
        200, R"({"kind":"PodList","apiVersion":"v1","metadata":{"continue":"again"},"items":[]})"};
  });
  CHECK(Writer(transport).remove_collection(kPods, {"ns"}).error().kind == ErrorKind::Protocol);
}

TEST_CASE("an answer to a write is the object, or tells of the deletion") {
  std::string body;
  fakes::FakeTransport transport([&](const Request&) { return Response{200, body}; });
  transport.answer_verbatim();
  const Writer writer(transport);
  const ObjectRef pod{kPods, "ns", "p"};
  struct Row {
    std::string body;
    bool object, deletion;
    ErrorKind error = ErrorKind::Protocol;  // where it does not count
  };
  const Row rows[] = {
      {R"({"kind":"Pod","apiVersion":"v1"})", true, true},
      {R"({"kind":"Status","apiVersion":"v1","status":"Success"})", false, true},
      {R"({"kind":"Status","apiVersion":"v1","status":"Failure"})", false, false,
       ErrorKind::Internal},
      {R"({"kind":"Node","apiVersion":"v1"})", false, false},
      {R"({"status":"Success"})", false, false},
  };
  for (const auto& row : rows) {
    const auto counts = [&row](const base::Result<json::Document>& answer) {
      if (!answer) CHECK(answer.error().kind == row.error);
      return answer.has_value();
    };
    CAPTURE(row.body);
    body = row.body;
    CHECK(counts(writer.create(kPods, "ns", "{}")) == row.object);
    CHECK(counts(writer.replace(pod, "{}")) == row.object);
    CHECK(counts(writer.patch(pod, PatchType::Merge, "{}")) == row.object);
    CHECK(counts(writer.remove(pod)) == row.deletion);
    CHECK(counts(writer.evict(pod)) == row.deletion);
  }
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
