#include "controller/metrics/measured_transport.h"

#include "fakes/fake_clock.h"
#include "fakes/fake_transport.h"

#include <catch2/catch.hpp>

using namespace controller;
using Catch::Contains;

namespace {

// The metrics after a list that is answered with this code.
std::string listed(int code, const std::string& reason) {
  fakes::FakeTransport transport([&](const kube::Request&) {
    return kube::Response{code,
                          R"({"kind":"Status","status":"Failure","reason":")" + reason + R"("})"};
  });
  Metrics metrics;
  const fakes::FakeClock clock;
  MeasuredTransport measured(transport, metrics, clock);
  const auto ignore = [](std::string_view) { return base::Result<void>(); };
  CHECK_FALSE(measured.stream({.path = "/api/v1/nodes"}, ignore, {}));
  return metrics.text();
}

}  // namespace

TEST_CASE("a list that is refused, or of a kind that is not served, has an answer") {
  CHECK_THAT(listed(403, "Forbidden"), Contains(R"(code="403",verb="GET"} 1)"));
  CHECK_THAT(listed(404, "NotFound"), Contains(R"(code="404",verb="GET"} 1)"));
}

TEST_CASE("a list that the API server fails at counts as an error") {
  CHECK_THAT(listed(503, "ServiceUnavailable"), Contains(R"(code="<error>",verb="GET"} 1)"));
}
