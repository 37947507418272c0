#include "api/node_condition.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::document;

TEST_CASE("a network that is available again is told by one condition, with its preconditions") {
  const api::NetworkAvailable change{.reason = "FlannelIsUp",
                                     .message = "it runs",
                                     .since = base::parse_rfc3339("2026-08-22T13:33:20Z").value(),
                                     .uid = "u",
                                     .resource_version = "7"};
  CHECK(document(api::render(change)) == document(R"({"metadata":{"uid":"u","resourceVersion":"7"},
    "status":{"conditions":[{"type":"NetworkUnavailable","status":"False","reason":"FlannelIsUp",
      "message":"it runs","lastHeartbeatTime":"2026-08-22T13:33:20Z",
      "lastTransitionTime":"2026-08-22T13:33:20Z"}]}})"));
}

TEST_CASE("the taint stays until its own controller takes it away") {
  api::Node node;
  node.network_unavailable = "CalicoIsDown";
  node.network_taint = true;
  api::apply(api::NetworkAvailable{}, node);
  CHECK_FALSE(node.network_unavailable);
  CHECK(node.network_taint);
}
