#include "net/ip_address.h"

#include <catch2/catch.hpp>

using net::Family;
using net::IpAddress;

namespace {
IpAddress ip(const std::string& text) { return IpAddress::parse(text).value(); }
}  // namespace

TEST_CASE("an address is printed in the one form of RFC 5952") {
  const auto [text, canonical] = GENERATE(table<std::string, std::string>({
      {"10.244.1.7", "10.244.1.7"},
      {"::", "::"},
      {"::1", "::1"},
      {"2001:DB8::0001", "2001:db8::1"},
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"fd00:10:244:1::", "fd00:10:244:1::"},
      {"::102:304", "::102:304"},
      {"::ffff:10.0.0.1", "10.0.0.1"},
      {"64:ff9b::10.0.0.1", "64:ff9b::a00:1"},
  }));
  CAPTURE(text);
  CHECK(ip(text).to_string() == canonical);
  CHECK(ip(canonical) == ip(text));
}

TEST_CASE("a text that is no address is refused") {
  const std::string text = GENERATE("", "10.244.1", "10.244.1.256", "010.1.1.1", "1.2.3.4 ", "::g",
                                    "fe80::1%eth0", "1::2::3", "[::1]", "host");
  CAPTURE(text);
  CHECK_FALSE(IpAddress::parse(text));
  CHECK_FALSE(IpAddress::parse(std::string("1.2.3.4\0x", 9)));
}

TEST_CASE("addresses are added to, subtracted and masked") {
  CHECK(ip("10.244.0.250").plus(10) == ip("10.244.1.4"));
  CHECK(ip("255.255.255.255").plus(1) == ip("0.0.0.0"));
  CHECK(ip("fd00::ffff:ffff:ffff:ffff").plus(1) == ip("fd00:0:0:1::"));
  CHECK(ip("10.244.1.4").minus(ip("10.244.0.250")) == 10);
  CHECK(ip("fd00:0:0:1::").minus(ip("fd00::ffff:ffff:ffff:ffff")) == 1);
  CHECK(ip("10.0.0.1").minus(ip("10.0.0.2")) == UINT64_MAX);
  CHECK(ip("fd01::").minus(ip("fd00::")) == UINT64_MAX);
  CHECK(ip("10.244.255.255").masked(20) == ip("10.244.240.0"));
  CHECK(ip("fd00::ff").masked(0) == ip("::"));
  CHECK(ip("fd00::ff").masked(128) == ip("fd00::ff"));
}

TEST_CASE("IPv4 comes before IPv6 and addresses are in numeric order") {
  CHECK(ip("255.0.0.0") < ip("::"));
  CHECK(ip("9.0.0.0") < ip("10.0.0.0"));
  CHECK(ip("::1").family() == Family::V6);
}
