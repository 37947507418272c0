#include "api/pod.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::document;
using parsed::ip;

TEST_CASE("a pod is read") {
  const auto pod = api::parse_pod(
      document(R"({"metadata":{"name":"p","annotations":{"kubernetes.io/config.mirror":"x"}},
    "spec":{"nodeName":"n1","hostNetwork":true,"activeDeadlineSeconds":90,"volumes":[{"name":"a","hostPath":{}},{"name":"b","emptyDir":{}}]},
    "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],"podIP":"10.244.1.2",
      "podIPs":[{"ip":"10.244.1.2"},{"ip":"fd00::2"},{"ip":""}]}})")
          .root());
  CHECK(pod.node_name == "n1");
  CHECK(pod.host_network);
  CHECK(pod.ready);
  CHECK(pod.empty_dir);
  CHECK(pod.mirror);
  CHECK(pod.active_deadline == std::chrono::seconds(90));
  CHECK(pod.ips == std::vector{ip("10.244.1.2"), ip("fd00::2")});
  CHECK_FALSE(pod.finished());
  CHECK_FALSE(pod.on_pod_network());
}

TEST_CASE("a pod of an old API server has one address") {
  const auto pod = api::parse_pod(document(R"({"status":{"podIP":"10.244.1.2"}})").root());
  CHECK(pod.ips == std::vector{ip("10.244.1.2")});
  CHECK(pod.on_pod_network());
  CHECK_FALSE(pod.active_deadline);
}

TEST_CASE("why a pod waits is told by the first container that does") {
  const auto pod = api::parse_pod(document(R"({"status":{
    "initContainerStatuses":[{"state":{"running":{}}},{"state":{"waiting":{"reason":"ImagePullBackOff","message":"no such image"}}}],
    "containerStatuses":[{"state":{"waiting":{"reason":"PodInitializing"}}}]}})")
                                      .root());
  CHECK(pod.waiting_reason == "ImagePullBackOff");
  CHECK(pod.waiting_message == "no such image");
  CHECK(pod.why_waiting() == ": ImagePullBackOff no such image");
  CHECK_FALSE(pod.exit_code);
}

TEST_CASE("a pod that waits without a word, and one that does not wait") {
  api::Pod pod;
  CHECK(pod.why_waiting().empty());
  pod.waiting_reason = "ContainerCreating";
  CHECK(pod.why_waiting() == ": ContainerCreating");
}

TEST_CASE("the last words of the agent are kept, and only those") {
  const auto pod = api::parse_pod(document(R"({"status":{"phase":"Failed","containerStatuses":[
    {"name":"other","state":{"terminated":{"exitCode":1,"message":"no"}}},
    {"name":"agent","state":{"terminated":{"exitCode":3,"message":"{\"kind\":\"AgentReport\"}"}}}]}})")
                                      .root());
  CHECK(pod.finished());
  CHECK(pod.exit_code == 3);
  CHECK(pod.termination_message == R"({"kind":"AgentReport"})");
}

TEST_CASE("garbage reads as an empty pod") {
  const std::string text = GENERATE(
      "{}", "7", R"({"spec":[],"status":{"podIPs":"x","containerStatuses":{"a":1},"phase":9}})");
  CHECK(api::parse_pod(document(text).root()) == api::Pod{});
}
