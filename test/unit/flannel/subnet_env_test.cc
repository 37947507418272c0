#include "flannel/subnet_env.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using flannel::parse_subnet_env;
using flannel::SubnetEnv;
using parsed::cidr;

namespace {

const SubnetEnv kEnv{cidr("10.244.0.0/16"), std::nullopt, cidr("10.244.1.0/24"),
                     std::nullopt,          1450,         true};

}  // namespace

TEST_CASE("flannel's file is read, its subnet without the host bits") {
  CHECK(parse_subnet_env(
            std::string_view("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\n"
                             "FLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n")) == kEnv);
}

TEST_CASE("both families are read") {
  const auto env = parse_subnet_env(std::string_view(
      "FLANNEL_IPV6_NETWORK=fd00:10:244::/48\nFLANNEL_IPV6_SUBNET=fd00:10:244:1::1/64"));
  REQUIRE(env);
  CHECK(env->ipv6_network == cidr("fd00:10:244::/48"));
  CHECK(env->ipv6_subnet == cidr("fd00:10:244:1::/64"));
}

TEST_CASE("forms that a shell would accept are accepted") {
  const auto [name, text] = GENERATE(table<std::string, std::string>({
      {"CRLF",
       "FLANNEL_NETWORK=10.244.0.0/16\r\nFLANNEL_SUBNET=10.244.1.1/"
       "24\r\nFLANNEL_MTU=1450\r\nFLANNEL_IPMASQ=true\r\n"},
      {"quotes",
       "FLANNEL_NETWORK=\"10.244.0.0/16\"\nFLANNEL_SUBNET='10.244.1.1/"
       "24'\nFLANNEL_MTU=\"1450\"\nFLANNEL_IPMASQ='true'"},
      {"comments and blank lines",
       "# made by flannel\n\n  "
       "FLANNEL_NETWORK=10.244.0.0/16\n\t\nFLANNEL_SUBNET=10.244.1.1/"
       "24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=True\n\n"},
      {"unknown keys and empty values",
       "OTHER==x=\nFLANNEL_IPV6_NETWORK=\nFLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/"
       "24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=1"},
  }));
  CAPTURE(name);
  CHECK(parse_subnet_env(std::string_view(text)) == kEnv);
}

TEST_CASE("a file without flannel's keys says nothing") {
  const std::string text = GENERATE("", "\n", "\r\n\r\n", "# nothing", "A=b");
  CHECK(parse_subnet_env(std::string_view(text)) == SubnetEnv{});
}

TEST_CASE("a value that cannot be read is named") {
  const auto [line, named] = GENERATE(table<std::string, std::string>({
      {"FLANNEL_NETWORK=10.244.0.0", "FLANNEL_NETWORK"},
      {"FLANNEL_NETWORK=10.244.0.0/16,10.245.0.0/16", "FLANNEL_NETWORK"},
      {"FLANNEL_NETWORK=fd00::/48", "FLANNEL_NETWORK"},
      {"FLANNEL_SUBNET=\"10.244.1.1/24", "FLANNEL_SUBNET"},
      {"FLANNEL_IPV6_SUBNET=10.244.1.1/24", "FLANNEL_IPV6_SUBNET"},
      {"FLANNEL_MTU=0", "FLANNEL_MTU"},
      {"FLANNEL_MTU=-1", "FLANNEL_MTU"},
      {"FLANNEL_MTU=1450x", "FLANNEL_MTU"},
      {"FLANNEL_MTU=99999999999999999999", "FLANNEL_MTU"},
      {"FLANNEL_IPMASQ=yes", "FLANNEL_IPMASQ"},
      {"A=b\ngarbage", "line 2"},
  }));
  CAPTURE(line);
  const auto env = parse_subnet_env(std::string_view(line));
  REQUIRE_FALSE(env);
  CHECK(env.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(env.error().message, Catch::Contains(named));
}

TEST_CASE("an agent's report of the file is read alike") {
  CHECK(parse_subnet_env({{"FLANNEL_NETWORK", "10.244.0.0/16"},
                          {"FLANNEL_SUBNET", "10.244.1.1/24"},
                          {"FLANNEL_MTU", "1450"},
                          {"FLANNEL_IPMASQ", "true"}}) == kEnv);
}
