#include "migration/ipam/ip_pools.h"

#include "api/names.h"

namespace migration {
namespace {

std::vector<calico::PoolWanted> wanted_pools(const Survey& survey) {
  std::vector<calico::PoolWanted> wanted;
  const auto& settings = survey.settings;
  const auto& calico = survey.spec.calico;
  if (settings.network) {
    wanted.push_back(
        {std::string(api::kDefaultPoolV4), *settings.network, calico.block_size, settings.ip_masq});
  }
  // The IPv6 pool comes last: Felix takes its IPv6 tunnel from the pools alone.
  if (settings.ipv6_network) {
    wanted.push_back({std::string(api::kDefaultPoolV6), *settings.ipv6_network,
                      calico.ipv6_block_size, settings.ip_masq});
  }
  return wanted;
}

// Canal's calico-node creates a pool at its first start and never assigns an address from it.
bool is_canals(const Survey& survey, const api::IpPool& pool, const calico::PoolWanted& wanted) {
  return survey.on_canal() && pool.meta.name == wanted.name && pool.vxlan_mode != "Always";
}

PoolDecision decide(const Survey& survey, const calico::PoolWanted& wanted) {
  PoolDecision decision{.wanted = wanted, .kind = PoolDecision::Kind::Create};
  for (const auto& [name, pool] : survey.cluster.pools) {
    const bool same = pool.cidr && *pool.cidr == wanted.cidr;
    const bool in_the_way = name == wanted.name || (pool.cidr && pool.cidr->overlaps(wanted.cidr));
    if (!same && !in_the_way) continue;
    decision.existing = name;
    decision.differences = calico::compare_pool(pool, wanted);
    if (same && decision.differences.empty()) {
      decision.kind = PoolDecision::Kind::Fits;
      return decision;
    }
    decision.kind = is_canals(survey, pool, wanted) ? PoolDecision::Kind::Replace
                                                    : PoolDecision::Kind::Conflict;
    if (decision.kind == PoolDecision::Kind::Conflict) return decision;
  }
  return decision;
}

}  // namespace

std::vector<PoolDecision> decide_pools(const Survey& survey) {
  std::vector<PoolDecision> decisions;
  for (const auto& wanted : wanted_pools(survey)) decisions.push_back(decide(survey, wanted));
  return decisions;
}

std::vector<Action> pool_actions(const std::vector<PoolDecision>& decisions) {
  std::vector<Action> actions;
  for (const auto& decision : decisions) {
    if (decision.kind == PoolDecision::Kind::Replace)
      actions.emplace_back(DeletePool{decision.existing});
    const bool create =
        decision.kind == PoolDecision::Kind::Replace || decision.kind == PoolDecision::Kind::Create;
    if (create) actions.emplace_back(CreatePool{decision.wanted});
  }
  return actions;
}

}  // namespace migration
