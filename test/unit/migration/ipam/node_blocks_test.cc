#include "migration/ipam/node_blocks.h"

#include "api/first_blocks.h"
#include "fakes/build/objects.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

api::Node dual_node() { return a_node("w1", with_pod_cidr("fd00:10:244:1::/64")); }

std::vector<std::string> behind_the_first(const std::set<net::IpAddress>& live, int block_size) {
  const auto node = dual_node();
  std::vector<std::string> all;
  const auto first = api::first_blocks(*pod_cidr(node, net::Family::V6), block_size).size();
  const auto blocks = blocks_of_node({}, node, net::Family::V6, block_size, live);
  for (std::size_t i = first; i < blocks.size(); ++i) all.push_back(blocks[i].to_string());
  return all;
}

using Texts = std::vector<std::string>;

}  // namespace

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
