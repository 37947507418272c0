#include "controller/watch/kept_fields.h"

#include "api/daemon_set.h"
#include "api/node.h"
#include "api/pod.h"
#include "unit/json/sieved.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

json::Document kept(const json::Keep& keep, std::string_view text) {
  return json::Document::parse(json::sieved(keep, text)).value();
}

constexpr std::string_view kMeta =
    R"("apiVersion":"v1","kind":"K","metadata":{"name":"n","namespace":"ns","uid":"u",
       "resourceVersion":"7","generation":3,"creationTimestamp":"2026-01-01T00:00:00Z",
       "deletionTimestamp":"2026-01-01T00:00:01Z","labels":{"a.b/c":"d"},"annotations":{"e":"f"},
       "finalizers":["g"],"ownerReferences":[{"kind":"o","name":"p","uid":"q","controller":true}],
       "managedFields":[{"fieldsV1":{"f:a":{}}}]})";

std::string object(std::string_view rest) {
  return "{" + std::string(kMeta) + "," + std::string(rest) + "}";
}

}  // namespace

TEST_CASE("a pod that went through the sieve is read as the whole one is") {
  const std::string text = object(
      R"("spec":{"nodeName":"w1","hostNetwork":true,"activeDeadlineSeconds":5,"junk":[1,2],
                 "securityContext":{"supplementalGroups":[1,1,1]},
                 "volumes":[{"name":"v","emptyDir":{}},{"name":"w","configMap":{"name":"x"}}]},
         "status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}],
                   "hostIP":"192.0.2.1",
                   "podIP":"10.0.0.1","podIPs":[{"ip":"10.0.0.1"},{"ip":"fd00::1"}],
                   "initContainerStatuses":[{"state":{"waiting":{"reason":"r","message":"m"}}}],
                   "containerStatuses":[{"name":"agent","state":{"terminated":
                     {"message":"{}","exitCode":3}}}]})");
  const auto whole = json::Document::parse(text).value();
  const auto sieved = kept(kept_fields_of_pods(), text);
  CHECK(api::parse_pod(sieved.root()) == api::parse_pod(whole.root()));
  CHECK_FALSE(sieved["metadata"]["managedFields"].exists());
  CHECK_FALSE(sieved["spec"]["junk"].exists());
  CHECK_FALSE(sieved["spec"]["securityContext"].exists());
  CHECK_FALSE(sieved["spec"]["volumes"].at(0)["name"].exists());
  CHECK_FALSE(sieved["status"]["hostIP"].exists());
}

TEST_CASE("a node that went through the sieve is read as the whole one is") {
  const std::string text = object(
      R"("spec":{"podCIDR":"10.0.0.0/24","podCIDRs":["10.0.0.0/24","fd00::/64"],
                 "unschedulable":true,
                 "taints":[{"key":"node.kubernetes.io/network-unavailable","value":"v"}]},
         "status":{"conditions":[{"type":"Ready","status":"True"},
                                 {"type":"NetworkUnavailable","status":"True","reason":"r"}],
                   "addresses":[{"type":"InternalIP","address":"192.0.2.1"}],
                   "nodeInfo":{"operatingSystem":"linux","kubeletVersion":"v1.30.0",
                               "containerRuntimeVersion":"cri-o://1.30.0","bootID":"b"},
                   "allocatable":{"pods":"110","memory":"1Gi"},"images":[{"names":["i"]}]})");
  const auto whole = json::Document::parse(text).value();
  const auto sieved = kept(kept_fields(Kind::Nodes), text);
  CHECK(api::parse_node(sieved.root()) == api::parse_node(whole.root()));
  CHECK_FALSE(sieved["spec"]["taints"].at(0)["value"].exists());
  CHECK_FALSE(sieved["status"]["images"].exists());
  CHECK_FALSE(sieved["status"]["nodeInfo"]["bootID"].exists());
  CHECK_FALSE(sieved["status"]["allocatable"]["memory"].exists());
}

TEST_CASE("the fields of old API servers go through the sieve, too") {
  const auto pod = kept(kept_fields_of_pods(), object(R"("status":{"podIP":"10.0.0.1"})"));
  CHECK(api::parse_pod(pod.root()).ips.size() == 1);
  const auto node = kept(kept_fields(Kind::Nodes), object(R"("spec":{"podCIDR":"10.0.0.0/24"})"));
  CHECK(api::parse_node(node.root()).pod_cidrs.size() == 1);
}

TEST_CASE("an object of another kind keeps spec, and status where it has one that is read") {
  const std::string text = object(R"("spec":{"a":[1,{"b":2}]},"status":{"c":{}},"data":{"d":"e"},
                                     "junk":[1,2,3])");
  const auto sieved = kept(kept_fields(Kind::DaemonSets), text);
  CHECK(sieved["spec"].dump() == R"({"a":[1,{"b":2}]})");
  CHECK(sieved["status"].dump() == R"({"c":{}})");
  CHECK_FALSE(sieved["data"].exists());
  CHECK_FALSE(sieved["junk"].exists());
  const auto pool = kept(kept_fields(Kind::IpPools), text);
  CHECK(pool["spec"].dump() == R"({"a":[1,{"b":2}]})");
  CHECK_FALSE(pool["status"].exists());
}

TEST_CASE("what a watch says of its own end goes through every sieve") {
  const Kind kind = GENERATE(Kind::Nodes, Kind::AgentPods, Kind::IpPools);
  const auto status = kept(kept_fields(kind), R"({"kind":"Status","status":"Failure","code":410,
      "reason":"Expired","message":"m","details":{"retryAfterSeconds":3},"metadata":{}})");
  CHECK(status["code"].integer() == 410);
  CHECK(status["reason"].string() == "Expired");
  CHECK(status["details"]["retryAfterSeconds"].integer() == 3);
}
