#include "flannel/node_annotations.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using flannel::NodeAnnotations;
using flannel::parse_node_annotations;
using parsed::ip;
using parsed::mac;

namespace {

constexpr std::string_view kPrefix = "flannel.alpha.coreos.com/";

// Of a real node.
const api::StringMap kAnnotations = {
    {"flannel.alpha.coreos.com/kube-subnet-manager", "true"},
    {"flannel.alpha.coreos.com/backend-type", "vxlan"},
    {"flannel.alpha.coreos.com/public-ip", "172.18.0.3"},
    {"flannel.alpha.coreos.com/backend-data", R"({"VNI":1,"VtepMAC":"56:1d:8d:30:79:97"})"},
    {"other", "x"}};

api::StringMap with(std::string_view name, const std::string& value) {
  auto annotations = kAnnotations;
  annotations[std::string(kPrefix) + std::string(name)] = value;
  return annotations;
}

}  // namespace

TEST_CASE("the annotation prefix follows flannel's rule") {
  const auto [option, prefix] = GENERATE(table<std::string, std::string>({
      {"flannel.alpha.coreos.com", "flannel.alpha.coreos.com/"},
      {"flannel.alpha.coreos.com/", "flannel.alpha.coreos.com/"},
      {"example.com/net", "example.com/net-"},
      {"example.com/net-", "example.com/net-"},
      {"example.com-", "example.com-/"},
      {"", "flannel.alpha.coreos.com/"},
  }));
  CHECK(flannel::annotation_prefix(option) == prefix);
}

TEST_CASE("what flannel wrote about a node is read") {
  const auto node = parse_node_annotations(kAnnotations, kPrefix);
  const NodeAnnotations wanted{
      true, "vxlan", mac("56:1d:8d:30:79:97"), std::nullopt, 1, ip("172.18.0.3"), std::nullopt};
  REQUIRE(node);
  CHECK(*node == wanted);
}

TEST_CASE("annotations of another prefix are not flannel's") {
  const auto node = parse_node_annotations(kAnnotations, "flannel.example.com/");
  REQUIRE(node);
  CHECK_FALSE(*node);
}

TEST_CASE("a node with IPv6 only has null for IPv4") {
  const auto node =
      parse_node_annotations({{"p/backend-data", "null"},
                              {"p/backend-v6-data", R"({"VNI":3,"VtepMAC":"56:1d:8d:30:79:98"})"},
                              {"p/public-ipv6", "fc00::3"}},
                             "p/");
  REQUIRE(node);
  REQUIRE(*node);
  CHECK_FALSE((*node)->vtep_mac);
  CHECK((*node)->vtep_mac_v6 == mac("56:1d:8d:30:79:98"));
  CHECK((*node)->vni == 3);
  CHECK((*node)->public_ip_v6 == ip("fc00::3"));
}

TEST_CASE("flannel before v0.14 names no VNI") {
  const auto node =
      parse_node_annotations(with("backend-data", R"({"VtepMAC":"56:1d:8d:30:79:97"})"), kPrefix);
  REQUIRE(node);
  CHECK_FALSE((*node)->vni);
}

TEST_CASE("an annotation that cannot be read is named") {
  const auto [name, value] = GENERATE(table<std::string, std::string>({
      {"backend-data", "garbage"},
      {"backend-data", "{"},
      {"backend-data", "[]"},
      {"backend-data", R"({"VNI":"1","VtepMAC":"56:1d:8d:30:79:97"})"},
      {"backend-data", R"({"VNI":99999999999,"VtepMAC":"56:1d:8d:30:79:97"})"},
      {"backend-data", R"({"VNI":1,"VtepMAC":"56:1d:8d:30:79"})"},
      {"backend-data", R"({"VNI":1,"VtepMAC":7})"},
      {"backend-v6-data", R"({"VNI":1,"VtepMAC":"x"})"},
      {"public-ip", "172.18.0"},
      {"public-ip", "fc00::3"},
      {"public-ipv6", "172.18.0.3"},
  }));
  CAPTURE(name, value);
  const auto node = parse_node_annotations(with(name, value), kPrefix);
  REQUIRE_FALSE(node);
  CHECK(node.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(node.error().message, Catch::StartsWith(std::string(kPrefix) + name));
}

TEST_CASE("what is written about a node is what flannel writes, and reads back") {
  const NodeAnnotations node{true,
                             "vxlan",
                             mac("56:1D:8D:30:79:97"),
                             mac("56:1d:8d:30:79:98"),
                             1,
                             ip("172.18.0.3"),
                             ip("fc00::3")};
  const auto rendered = flannel::render_node_annotations(node, kPrefix);
  CHECK(rendered.at("flannel.alpha.coreos.com/backend-data") ==
        R"({"VNI":1,"VtepMAC":"56:1d:8d:30:79:97"})");
  CHECK(rendered.size() == 6);
  CHECK(parse_node_annotations(rendered, kPrefix).value() == node);
}

TEST_CASE("only what is set is written") {
  NodeAnnotations node;
  node.public_ip = ip("172.18.0.3");
  CHECK(flannel::render_node_annotations(node, "p/") ==
        api::StringMap{{"p/public-ip", "172.18.0.3"}});
}
