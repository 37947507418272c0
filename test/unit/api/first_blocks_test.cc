#include "api/first_blocks.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::cidr;

TEST_CASE("a pod CIDR is made of these blocks") {
  const auto [pod_cidr, size, count, last] =
      GENERATE(table<std::string, int, std::size_t, std::string>({
          {"10.244.1.0/24", 26, 4u, "10.244.1.192/26"},
          {"10.244.1.0/24", 24, 1u, "10.244.1.0/24"},
          {"10.244.1.0/24", 32, 256u, "10.244.1.255/32"},
          {"10.244.1.0/26", 26, 1u, "10.244.1.0/26"},
          {"10.244.1.0/27", 26, 0u, ""},
          {"10.0.0.0/8", 26, 4096u, "10.3.255.192/26"},
          {"fd00:10:244:1::/64", 122, 4u, "fd00:10:244:1::c0/122"},
          {"fd00:10:244:1::/64", 116, 1u, "fd00:10:244:1::/116"},
          {"fd00:10:244:1::/124", 122, 0u, ""},
      }));
  CAPTURE(pod_cidr, size);
  const auto blocks = api::first_blocks(cidr(pod_cidr), size);
  REQUIRE(blocks.size() == count);
  if (count > 0) CHECK(blocks.back().to_string() == last);
}

TEST_CASE("more addresses are more blocks of an IPv6 pod CIDR, and none of an IPv4 one") {
  const auto count = [](const std::string& pod_cidr, int size) {
    return api::first_blocks(cidr(pod_cidr), size,
                             api::kFirstIpv6Addresses + api::kNextIpv6Addresses)
        .size();
  };
  CHECK(count("10.244.1.0/24", 26) == 4);
  CHECK(count("fd00:10:244:1::/64", 122) == 5);
  CHECK(count("fd00:10:244:1::/64", 121) == 3);
  CHECK(count("fd00:10:244:1::/64", 116) == 1);
  CHECK(count("fd00:10:244:1::/120", 122) == 4);
}
