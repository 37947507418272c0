#include "net/cidr.h"

#include <catch2/catch.hpp>

using net::Cidr;
using net::IpAddress;

namespace {
Cidr cidr(const std::string& text) { return Cidr::parse(text).value(); }
IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }
}  // namespace

TEST_CASE("a network is read, masked and printed") {
  const auto [text, printed, masked] = GENERATE(table<std::string, std::string, bool>({
      {"10.244.0.0/16", "10.244.0.0/16", true},
      {"10.244.1.7/24", "10.244.1.0/24", false},
      {"0.0.0.0/0", "0.0.0.0/0", true},
      {"fd00:10:244::/56", "fd00:10:244::/56", true},
      {"fd00::1/64", "fd00::/64", false},
      {"::1/128", "::1/128", true},
  }));
  CAPTURE(text);
  CHECK(cidr(text).to_string() == printed);
  CHECK(Cidr::is_masked(text) == masked);
}

TEST_CASE("a text that is no network is refused") {
  const std::string text =
      GENERATE("", "/", "10.244.0.0", "10.244.0.0/", "10.244.0.0/33", "::/129", "10.244.0.0/016",
               "10.244.0.0/-1", "10.244.0.0/16 ", "/16", "10.244.0.0/99999999999");
  CAPTURE(text);
  CHECK_FALSE(Cidr::parse(text));
  CHECK_FALSE(Cidr::is_masked(text));
}

TEST_CASE("a network contains its addresses and sub-networks only") {
  CHECK(cidr("10.244.0.0/16").contains(ip("10.244.255.255")));
  CHECK_FALSE(cidr("10.244.0.0/16").contains(ip("10.245.0.0")));
  CHECK_FALSE(cidr("0.0.0.0/0").contains(ip("::")));
  CHECK(cidr("10.244.0.0/16").contains(cidr("10.244.3.0/24")));
  CHECK_FALSE(cidr("10.244.3.0/24").contains(cidr("10.244.0.0/16")));
  CHECK(cidr("10.244.3.0/24").overlaps(cidr("10.244.0.0/16")));
  CHECK_FALSE(cidr("10.244.3.0/24").overlaps(cidr("10.244.4.0/24")));
}

TEST_CASE("sub-networks are listed in address order") {
  const auto blocks = cidr("10.244.1.0/24").subnets(26, 10);
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[1].to_string() == "10.244.1.64/26");
  CHECK(blocks[3].to_string() == "10.244.1.192/26");
  CHECK(cidr("10.0.255.0/24").subnets(32, 300).back().to_string() == "10.0.255.255/32");
  CHECK(cidr("fd00::/48").subnets(64, 3)[2].to_string() == "fd00:0:0:2::/64");
  CHECK(cidr("10.244.1.0/24").subnets(24, 3).size() == 1);
  CHECK(cidr("10.244.1.0/24").subnets(16, 3).empty());
  CHECK(cidr("255.255.0.0/16").subnets(17, 5).size() == 2);
}

TEST_CASE("sizes saturate instead of wrapping") {
  CHECK(cidr("10.244.1.0/24").size() == 256);
  CHECK(cidr("fd00::/64").size() == UINT64_MAX);
  CHECK(cidr("fd00::/65").size() == std::uint64_t{1} << 63);
  CHECK(cidr("fd00::/32").subnet_count(64) == std::uint64_t{1} << 32);
  CHECK(cidr("::/0").subnet_count(128) == UINT64_MAX);
  CHECK(cidr("10.244.1.0/24").subnet_count(33) == 0);
}
