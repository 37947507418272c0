#include "migration/ipam/ip_pools.h"

#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;
using Kind = PoolDecision::Kind;

namespace {

std::vector<std::string> texts(const Surveyed& seen) {
  std::vector<std::string> all;
  for (const auto& action : pool_actions(decide_pools(seen.survey)))
    all.push_back(to_string(action));
  return all;
}

}  // namespace

TEST_CASE("a pool is made for each of flannel's networks, IPv6 last") {
  const Surveyed seen(a_flannel_cluster(nodes(1), dual_stack()));
  CHECK(texts(seen) == std::vector<std::string>{"CreatePool default-ipv4-ippool 10.244.0.0/16",
                                                "CreatePool default-ipv6-ippool fd00:10:244::/48"});
}

TEST_CASE("an existing pool fits, is replaced, or stands in the way") {
  const auto [what, pool, kind] = GENERATE(table<std::string, api::IpPool, Kind>({
      {"the same under another name", a_pool("mine", "10.244.0.0/16"), Kind::Fits},
      {"another network", a_pool("other", "10.99.0.0/16"), Kind::Create},
      {"the name is taken", a_pool("default-ipv4-ippool", "10.99.0.0/16"), Kind::Conflict},
      {"another block size", a_pool("mine", "10.244.0.0/16", 24), Kind::Conflict},
      {"a part of it", a_pool("mine", "10.244.0.0/20"), Kind::Conflict},
      {"all of it and more", a_pool("mine", "10.0.0.0/8"), Kind::Conflict},
  }));
  CAPTURE(what);
  auto cluster = a_flannel_cluster(nodes(1));
  cluster.pools[pool.meta.name] = pool;
  const Surveyed seen(cluster);
  const auto decisions = decide_pools(seen.survey);
  REQUIRE(decisions.size() == 1);
  CHECK(decisions.front().kind == kind);
}

TEST_CASE("Canal's own pool is replaced, and only Canal's") {
  const bool is_canal = GENERATE(true, false);
  auto cluster = is_canal ? a_flannel_cluster(nodes(1), canal()) : a_flannel_cluster(nodes(1));
  cluster.pools["default-ipv4-ippool"] = a_pool_of(
      R"({"metadata":{"name":"default-ipv4-ippool"},"spec":{"cidr":"10.244.0.0/16","ipipMode":"Always","blockSize":26}})");
  const Surveyed seen(cluster);
  CHECK(decide_pools(seen.survey).front().kind == (is_canal ? Kind::Replace : Kind::Conflict));
  if (is_canal) {
    CHECK(texts(seen) == std::vector<std::string>{"DeletePool default-ipv4-ippool",
                                                  "CreatePool default-ipv4-ippool 10.244.0.0/16"});
  }
}
