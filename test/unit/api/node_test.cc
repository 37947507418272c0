#include "api/node.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::cidr;
using parsed::document;
using parsed::ip;

TEST_CASE("a node is read") {
  const auto object = document(R"({"metadata":{"name":"n1","labels":{"kubernetes.io/os":"linux"}},
    "spec":{"podCIDR":"10.244.1.0/24","podCIDRs":["10.244.1.0/24","fd00:10:244:1::/64","garbage",7],"unschedulable":true},
    "status":{"conditions":[{"type":"MemoryPressure","status":"False"},{"type":"Ready","status":"True"}],
      "addresses":[{"type":"Hostname","address":"n1"},{"type":"InternalIP","address":"172.18.0.3"},{"type":"InternalIP","address":"x"}],
      "allocatable":{"cpu":"4","pods":"110"},
      "nodeInfo":{"operatingSystem":"windows","containerRuntimeVersion":"cri-o://1.28.1"}}})");
  const auto node = api::parse_node(object.root());
  CHECK(node.pod_cidrs == std::vector{cidr("10.244.1.0/24"), cidr("fd00:10:244:1::/64")});
  CHECK(node.unschedulable);
  CHECK(node.ready);
  CHECK(node.internal_ips == std::vector{ip("172.18.0.3")});
  CHECK(node.os == "linux");
  CHECK(node.max_pods == 110);
  CHECK(node.container_runtime == "cri-o://1.28.1");
}

TEST_CASE("a node without a network is read with the reason of its condition, and its taint") {
  const auto object = document(R"({
    "spec":{"taints":[{"key":"other","effect":"NoSchedule"},
                      {"key":"node.kubernetes.io/network-unavailable","effect":"NoSchedule"}]},
    "status":{"conditions":[{"type":"Ready","status":"True"},
      {"type":"NetworkUnavailable","status":"True","reason":"CalicoIsDown"}]}})");
  const auto node = api::parse_node(object.root());
  CHECK(node.network_unavailable == "CalicoIsDown");
  CHECK(node.network_taint);
}

TEST_CASE("a condition NetworkUnavailable that is not True is none") {
  const auto* status = GENERATE("False", "Unknown", "true");
  const auto node = api::parse_node(
      document(std::string(R"({"spec":{"taints":[{"key":"other"}]},"status":{"conditions":[)") +
               R"({"type":"NetworkUnavailable","reason":"FlannelIsUp","status":")" + status +
               "\"}]}}")
          .root());
  CHECK_FALSE(node.network_unavailable);
  CHECK_FALSE(node.network_taint);
}

TEST_CASE("a number of pods that is none is not told") {
  const std::string pods = GENERATE(R"("1k")", R"("-1")", R"("")", "110", "null",
                                    R"("99999999999999999999")", R"("2000000")");
  const auto node =
      api::parse_node(document(R"({"status":{"allocatable":{"pods":)" + pods + "}}}").root());
  CHECK(node.max_pods == 0);
}

TEST_CASE("a node with the old field has one pod network") {
  const auto node = api::parse_node(document(R"({"spec":{"podCIDR":"10.244.1.0/24"},
    "status":{"nodeInfo":{"operatingSystem":"windows"},"conditions":[{"type":"Ready","status":"Unknown"}]}})")
                                        .root());
  CHECK(node.pod_cidrs == std::vector{cidr("10.244.1.0/24")});
  CHECK_FALSE(node.ready);
  CHECK(node.os == "windows");
}

TEST_CASE("garbage reads as an empty node") {
  const std::string text =
      GENERATE("{}", "[]", R"({"spec":"x","status":[]})",
               R"({"spec":{"podCIDRs":{"a":1},"unschedulable":"true"},"status":{"conditions":7}})");
  api::Node empty;
  empty.has_kubelet = false;
  CHECK(api::parse_node(document(text).root()) == empty);
}

TEST_CASE("a node has a kubelet when one has told its version") {
  CHECK(api::parse_node(document(R"({"status":{"nodeInfo":{"kubeletVersion":"v1.34.2"}}})").root())
            .has_kubelet);
  CHECK_FALSE(api::parse_node(document(R"({"status":{"nodeInfo":{"kubeletVersion":""}}})").root())
                  .has_kubelet);
}

TEST_CASE("a control-plane node is told by its role labels") {
  const auto [label, control_plane] = GENERATE(table<std::string, bool>({
      {"node-role.kubernetes.io/control-plane", true},
      {"node-role.kubernetes.io/master", true},
      {"node-role.kubernetes.io/controlplane", true},
      {"node-role.kubernetes.io/etcd", true},
      {"node-role.kubernetes.io/worker", false},
  }));
  api::Node node;
  node.meta.labels[label] = "";
  CHECK(api::is_control_plane(node) == control_plane);
}

TEST_CASE("a patch of a node names only what changes, and its preconditions") {
  api::NodePatch patch;
  CHECK(patch.empty());
  CHECK(document(api::render(patch)) == document(R"({"metadata":{}})"));
  patch.labels = {{"a/b", "1"}, {"gone", std::nullopt}};
  patch.annotations = {{"c", std::nullopt}};
  patch.unschedulable = false;
  patch.uid = "u";
  patch.resource_version = "7";
  CHECK_FALSE(patch.empty());
  CHECK(document(api::render(patch)) == document(R"({"metadata":{"uid":"u","resourceVersion":"7",
    "labels":{"a/b":"1","gone":null},"annotations":{"c":null}},"spec":{"unschedulable":false}})"));
}

TEST_CASE("a patch of a node is applied as the API server would") {
  api::Node node;
  node.meta.labels = {{"gone", "x"}, {"kept", "y"}};
  node.meta.resource_version = "6";
  api::apply({.labels = {{"new", "1"}, {"gone", std::nullopt}},
              .annotations = {{"c", "d"}},
              .unschedulable = true,
              .uid = {},
              .resource_version = {}},
             node);
  CHECK(node.meta.labels == api::StringMap{{"kept", "y"}, {"new", "1"}});
  CHECK(node.meta.annotations == api::StringMap{{"c", "d"}});
  CHECK(node.unschedulable);
  CHECK(node.meta.resource_version == "6");
}
