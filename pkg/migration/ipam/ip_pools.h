// Calico's IPPools for flannel's networks: what is wanted, and what the existing ones allow.
#pragma once

#include "calico/ip_pools.h"
#include "migration/facts/survey.h"
#include "migration/model/action.h"

#include <string>
#include <vector>

namespace migration {

struct PoolDecision {
  calico::PoolWanted wanted;
  enum class Kind {
    Fits,  // there as it has to be
    Create,
    Replace,   // Canal's own pool, which Canal does not use: deleted, and created as it has to be
    Conflict,  // another owner's pool is in the way
  } kind = Kind::Fits;
  std::string existing = {};  // name of the pool that fits, is replaced, or is in the way
  std::vector<calico::FieldDifference> differences = {};
};

// Decides about a pool for each of flannel's networks.
std::vector<PoolDecision> decide_pools(const Survey& survey);
// Actions that create or correct the pools; empty when they fit. Conflicts are left to preflight.
std::vector<Action> pool_actions(const std::vector<PoolDecision>& decisions);

}  // namespace migration
