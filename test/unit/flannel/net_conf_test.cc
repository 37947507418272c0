#include "flannel/net_conf.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using flannel::NetConf;
using flannel::parse_net_conf;

TEST_CASE("the standard manifest's configuration is read") {
  const auto conf = parse_net_conf(
      R"({"Network":"10.244.0.0/16","EnableNFTables":false,"Backend":{"Type":"vxlan"}})");
  NetConf wanted;
  wanted.network = parsed::cidr("10.244.0.0/16");
  wanted.backend = "vxlan";
  REQUIRE(conf);
  CHECK(*conf == wanted);
}

TEST_CASE("keys match in any case and every field is read") {
  const auto conf = parse_net_conf(
      R"({"network":"10.0.0.0/8","ENABLEIPV4":true,"enableIPv6":true,"enablenftables":true,
    "IPv6Network":"fd00:10:244::/48","SubnetLen":20,"ipv6subnetlen":60,
    "backend":{"type":"VXLAN","vni":4096,"PORT":4789,"mtu":9000,"gbp":true,"LEARNING":true,"directrouting":true}})");
  const NetConf wanted{true,
                       true,
                       true,
                       parsed::cidr("10.0.0.0/8"),
                       parsed::cidr("fd00:10:244::/48"),
                       20,
                       60,
                       "vxlan",
                       4096,
                       4789,
                       9000,
                       true,
                       true,
                       true};
  REQUIRE(conf);
  CHECK(*conf == wanted);
}

TEST_CASE("what is left out has flannel's default") {
  const std::string text =
      GENERATE("{}", R"({"Backend":null})", R"({"Backend":{}})", R"({"Network":"","SubnetLen":0})",
               R"({"Backend":{"MTU":0,"VNI":null,"Type":""}})");
  CAPTURE(text);
  CHECK(parse_net_conf(text) == NetConf{});
}

TEST_CASE("the last of several keys that differ in case only counts, as in Go") {
  CHECK(parse_net_conf(R"({"Backend":{"VNI":1,"vni":2}})")->vni == 2);
}

TEST_CASE("a wrong value is named") {
  const auto [text, key] = GENERATE(table<std::string, std::string>({
      {R"({"Network":"10.244.0.0"})", "net-conf.json.Network"},
      {R"({"Network":"fd00::/48"})", "net-conf.json.Network"},
      {R"({"Network":7})", "net-conf.json.Network"},
      {R"({"IPv6Network":"10.0.0.0/8"})", "net-conf.json.IPv6Network"},
      {R"({"SubnetLen":33})", "net-conf.json.SubnetLen"},
      {R"({"SubnetLen":"24"})", "net-conf.json.SubnetLen"},
      {R"({"EnableIPv6":"yes"})", "net-conf.json.EnableIPv6"},
      {R"({"Backend":"vxlan"})", "net-conf.json.Backend"},
      {R"({"Backend":{"Type":1}})", "net-conf.json.Backend.Type"},
      {R"({"Backend":{"VNI":16777216}})", "net-conf.json.Backend.VNI"},
      {R"({"Backend":{"VNI":1e30}})", "net-conf.json.Backend.VNI"},
      {R"({"Backend":{"VNI":18446744073709551617}})", "net-conf.json.Backend.VNI"},
      {R"({"Backend":{"Port":-1}})", "net-conf.json.Backend.Port"},
      {R"({"Backend":{"Port":65536}})", "net-conf.json.Backend.Port"},
      {R"({"Backend":{"MTU":"1450"}})", "net-conf.json.Backend.MTU"},
      {R"({"Backend":{"DirectRouting":"true"}})", "net-conf.json.Backend.DirectRouting"},
  }));
  CAPTURE(text);
  const auto conf = parse_net_conf(text);
  REQUIRE_FALSE(conf);
  CHECK(conf.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(conf.error().message, Catch::StartsWith(key + ":"));
}

TEST_CASE("a text that is no object is refused") {
  const std::string text =
      GENERATE("", "null", "[]", "\"x\"", "{", "garbage", R"({"Network":"10.0.0.0/8"} trailing)");
  CAPTURE(text);
  CHECK_FALSE(parse_net_conf(text));
}
