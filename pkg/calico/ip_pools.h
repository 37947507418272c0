// IPPools made from flannel's networks, and how an existing pool differs from what is needed.
#pragma once

#include "api/calico.h"
#include "net/cidr.h"

#include <string>
#include <vector>

namespace calico {

struct PoolWanted {
  std::string name;
  net::Cidr cidr;
  int block_size = 26;
  bool nat_outgoing = true;
  bool operator==(const PoolWanted&) const = default;
};

// Body for create: VXLAN Always, IPIP Never, every field that clientv3 would write.
std::string render_pool(const PoolWanted& pool);

struct FieldDifference {
  std::string field;  // spec.vxlanMode
  std::string observed;
  std::string wanted;
  bool immutable = false;  // cannot be patched: the pool has to be replaced
  bool operator==(const FieldDifference&) const = default;
};

// Empty when `existing` serves as it is.
std::vector<FieldDifference> compare_pool(const api::IpPool& existing, const PoolWanted& wanted);
// Block size in force: the stored one, else Calico's default of the family.
int effective_block_size(const api::IpPool& pool);

}  // namespace calico
