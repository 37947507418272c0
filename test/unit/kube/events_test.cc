#include "kube/events.h"

#include <catch2/catch.hpp>

using namespace kube;

namespace {
EventInfo an_event(const std::string& message) {
  return {{"v1", "Node", "", "w1", "u1"}, EventType::Warning, "NodeFailed", message, "operator"};
}
const base::TimePoint kNow(std::chrono::hours(24 * 365));
}  // namespace

TEST_CASE("an event of a cluster-wide object is in the default namespace") {
  const auto event = make_event(an_event("m"), kNow);
  CHECK(
      event.dump() ==
      R"({"apiVersion":"v1","kind":"Event","metadata":{"generateName":"w1.","namespace":"default"},)"
      R"("involvedObject":{"apiVersion":"v1","kind":"Node","name":"w1","uid":"u1"},)"
      R"("type":"Warning","reason":"NodeFailed","message":"m","source":{"component":"operator"},)"
      R"("reportingComponent":"operator","firstTimestamp":"1971-01-01T00:00:00Z",)"
      R"("lastTimestamp":"1971-01-01T00:00:00Z","count":1})");
}

TEST_CASE("a long message is cut without breaking a character") {
  std::string message = std::string(1020, 'x') + "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4";
  const std::string cut = make_event(an_event(message), kNow)["message"].string();
  CHECK(cut == std::string(1020, 'x') + "...");
  CHECK(make_event(an_event(std::string(1024, 'x')), kNow)["message"].string().size() == 1024);
  CHECK(json::Document::parse(make_event(an_event(message), kNow).dump()));
}
