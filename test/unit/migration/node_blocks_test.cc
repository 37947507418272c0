#include "migration/node_blocks.h"

#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

api::Node dual_node() { return a_node("w1", with_pod_cidr("fd00:10:244:1::/64")); }

std::vector<std::string> behind_the_first(const std::set<net::IpAddress>& live, int block_size) {
  const auto node = dual_node();
  std::vector<std::string> all;
  const auto first = blocks_of(*pod_cidr(node, net::Family::V6), block_size).size();
  const auto blocks = blocks_of_node({}, node, net::Family::V6, block_size, live);
  for (std::size_t i = first; i < blocks.size(); ++i) all.push_back(blocks[i].to_string());
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

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
  const auto blocks = blocks_of(cidr(pod_cidr), size);
  REQUIRE(blocks.size() == count);
  if (count > 0) CHECK(blocks.back().to_string() == last);
}

TEST_CASE("the blocks of far addresses are needed, and the one behind the highest") {
  CHECK(behind_the_first({}, 122) == Texts{});
  CHECK(behind_the_first({ip("fd00:10:244:1::bf")}, 122) == Texts{});
  CHECK(behind_the_first({ip("fd00:10:244:1::c0")}, 122) == Texts{"fd00:10:244:1::100/122"});
  CHECK(behind_the_first({ip("fd00:10:244:1::17f")}, 122) ==
        Texts{"fd00:10:244:1::140/122", "fd00:10:244:1::180/122"});
  CHECK(behind_the_first({ip("fd00:10:244:1::1000"), ip("fd00:10:244:1::1fff")}, 116) ==
        Texts{"fd00:10:244:1::1000/116", "fd00:10:244:1::2000/116"});
  CHECK(behind_the_first({ip("fd00:10:244:1::1000")}, 123) ==
        Texts{"fd00:10:244:1::1000/123", "fd00:10:244:1::1020/123", "fd00:10:244:1::1040/123"});
  CHECK(behind_the_first({ip("fd00:10:244:1:ffff:ffff:ffff:ffff")}, 122) ==
        Texts{"fd00:10:244:1:ffff:ffff:ffff:ffc0/122"});
}

TEST_CASE("of IPv4 and of other nodes no address is far") {
  CHECK_FALSE(is_far(dual_node(), ip("10.244.1.250")));
  CHECK_FALSE(is_far(dual_node(), ip("fd00:10:244:2::1000")));
  CHECK_FALSE(is_far(a_node("w1"), ip("fd00:10:244:1::1000")));
  CHECK(blocks_of_node({}, dual_node(), net::Family::V4, 26, {ip("10.244.1.250")}).size() == 4);
}
