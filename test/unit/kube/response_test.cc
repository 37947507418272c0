#include "kube/response.h"

#include <catch2/catch.hpp>

using namespace kube;
using base::ErrorKind;

namespace {
const Request kRequest = get_request({kNodes, "", "w1"});

std::string status(const std::string& reason, const std::string& message) {
  return R"({"kind":"Status","reason":")" + reason + R"(","message":")" + message + R"("})";
}
}  // namespace

TEST_CASE("an answer's status code and reason tell the kind of error") {
  const auto [code, body, kind] = GENERATE(table<int, std::string, ErrorKind>({
      {400, status("BadRequest", "m"), ErrorKind::Invalid},
      {401, status("Unauthorized", "m"), ErrorKind::Forbidden},
      {403, status("Forbidden", "m"), ErrorKind::Forbidden},
      {404, status("NotFound", "m"), ErrorKind::NotFound},
      {404, "404 page not found\n", ErrorKind::Protocol},
      {404, R"({"kind":"Status"})", ErrorKind::Protocol},
      {404, R"({"reason":"NotFound"})", ErrorKind::Protocol},
      {409, status("Conflict", "m"), ErrorKind::Conflict},
      {409, status("AlreadyExists", "m"), ErrorKind::AlreadyExists},
      {409, "<html>", ErrorKind::Protocol},
      {409, R"({"kind":"Status"})", ErrorKind::Protocol},
      {410, status("Expired", "m"), ErrorKind::Gone},
      {410, status("Gone", "m"), ErrorKind::Gone},
      {415, status("UnsupportedMediaType", "m"), ErrorKind::Invalid},
      {422, status("Invalid", "m"), ErrorKind::Invalid},
      {429, "Too many requests", ErrorKind::Throttled},
      {500, status("InternalError", "a bug"), ErrorKind::Internal},
      {500, status("InternalError", "etcdserver: leader changed"), ErrorKind::Unavailable},
      {500, status("InternalError", "failed calling webhook x"), ErrorKind::Unavailable},
      {500, "oops", ErrorKind::Unavailable},
      {502, "", ErrorKind::Unavailable},
      {503, status("ServiceUnavailable", "m"), ErrorKind::Unavailable},
      {504, status("Timeout", "m"), ErrorKind::Timeout},
      // The first as up to Kubernetes 1.18.5.
      {504, status("Timeout", "Too large resource version: 9, current: 3"), ErrorKind::Gone},
      {504,
       R"({"kind":"Status","reason":"Timeout","message":"m","details":{"retryAfterSeconds":1,
           "causes":[{"reason":"ResourceVersionTooLarge"}]}})",
       ErrorKind::Gone},
      {301, "", ErrorKind::Protocol},
  }));
  CAPTURE(code, body);
  CHECK(error_of(kRequest, {code, body}).kind == kind);
}

TEST_CASE("an error says which request failed and why") {
  CHECK(error_of(kRequest, {404, status("NotFound", "nodes w1 not found")}).message ==
        "GET /api/v1/nodes/w1: nodes w1 not found");
  CHECK(error_of(kRequest, {502, "<html>\nBad Gateway\n"}).message ==
        "GET /api/v1/nodes/w1: status 502: <html> Bad Gateway");
  // It is told in the status: bytes that a JSON text cannot hold would never be stored as written.
  CHECK(error_of(kRequest, {502, "Server \xfcll"}).message ==
        "GET /api/v1/nodes/w1: status 502: Server \xef\xbf\xbdll");
  CHECK(error_of(kRequest, {401, ""}).message.find("credentials") != std::string::npos);
}

TEST_CASE("an eviction against a disruption budget tells the cause and when to try again") {
  const std::string body =
      R"({"kind":"Status","status":"Failure","message":"Cannot evict pod","reason":"TooManyRequests",
          "details":{"causes":[{"reason":"DisruptionBudget","message":"needs 2"}],
          "retryAfterSeconds":10},"code":429})";
  const base::Error error = error_of(kRequest, {429, body, std::chrono::seconds(1)});
  CHECK(error.kind == ErrorKind::Throttled);
  CHECK(error.cause == "DisruptionBudget");
  CHECK(error.message.ends_with(": Cannot evict pod needs 2"));
  CHECK(error.retry_after == std::chrono::seconds(10));
  CHECK(error_of(kRequest, {429, "", std::chrono::seconds(1)}).retry_after ==
        std::chrono::seconds(1));
}

TEST_CASE("a busy server tells how long to wait, and others do not") {
  const std::string body = R"({"kind":"Status","message":"m","details":{"retryAfterSeconds":4}})";
  for (const int code : {429, 500, 503, 504}) {
    CAPTURE(code);
    CHECK(error_of(kRequest, {code, body}).retry_after == std::chrono::seconds(4));
    CHECK(error_of(kRequest, {code, "", std::chrono::seconds(7)}).retry_after ==
          std::chrono::seconds(7));
  }
  CHECK_FALSE(error_of(kRequest, {409, body, std::chrono::seconds(7)}).retry_after);
}

TEST_CASE("a successful answer is a document or a protocol error") {
  CHECK((*read_response(kRequest, {200, R"({"a":1})"}))["a"].integer() == 1);
  const auto broken = read_response(kRequest, {200, "{"});
  REQUIRE_FALSE(broken);
  CHECK(broken.error().kind == ErrorKind::Protocol);
}

TEST_CASE("an error line of a watch is read like an answer") {
  const auto line = json::Document::parse(
                        R"({"kind":"Status","code":410,"reason":"Expired","message":"too old"})")
                        .value();
  CHECK(error_of_status(line.root()).kind == ErrorKind::Gone);
  CHECK(error_of_status(line.root()).message == "too old");
  CHECK(error_of_status(json::View()).kind == ErrorKind::Unavailable);
  const auto bare = json::Document::parse(R"({"kind":"Status","reason":"Expired"})").value();
  CHECK(error_of_status(bare.root()).kind == ErrorKind::Gone);
}

TEST_CASE("Retry-After is read as whole seconds") {
  CHECK(parse_retry_after("5") == std::chrono::seconds(5));
  CHECK(parse_retry_after("99999999") == std::chrono::minutes(1));
  CHECK_FALSE(parse_retry_after(""));
  CHECK_FALSE(parse_retry_after("-1"));
  CHECK_FALSE(parse_retry_after("Wed, 21 Oct 2015 07:28:00 GMT"));
}

TEST_CASE("a patch that names the uid of another object is a conflict") {
  const std::string body =
      R"({"kind":"Status","reason":"Invalid","message":"Node w1 is invalid: metadata.uid: Invalid value",
          "details":{"causes":[{"reason":"FieldValueInvalid","field":"metadata.uid"}]},"code":422})";
  CHECK(error_of(kRequest, {422, body}).kind == ErrorKind::Conflict);
}
