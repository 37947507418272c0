#include "net/mac_address.h"

#include <catch2/catch.hpp>

using net::MacAddress;

TEST_CASE("a MAC address is read in either case and printed in lower case") {
  CHECK(MacAddress::parse("66:0E:8c:00:ff:01")->to_string() == "66:0e:8c:00:ff:01");
}

TEST_CASE("a text that is no MAC address is refused") {
  const std::string text =
      GENERATE("", "66:0e:8c:00:ff", "66-0e-8c-00-ff-01", "66:0e:8c:00:ff:0g", "660e8c00ff01",
               "66:0e:8c:00:ff:01:", "-6:0e:8c:00:ff:01", "66:0e:8c:00:ff: 1");
  CAPTURE(text);
  CHECK_FALSE(MacAddress::parse(text));
}
