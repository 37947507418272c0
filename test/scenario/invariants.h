// The rules that hold at every moment of a migration, looked at from outside of the planner at
// every step.
#pragma once

#include "migration/model/plan.h"
#include "scenario/fake_cluster.h"

#include <map>
#include <set>
#include <string>

namespace scenario {

class Invariants {
 public:
  explicit Invariants(const FakeCluster& cluster);

  // Adds what is broken to world.violations.
  void check(FakeCluster& cluster, const migration::Plan& plan);

  // How many nodes may be out; what a test found half-done before counts beside it.
  int most_out = 1;
  bool agents_may_cut = false;            // method Drain
  bool somebody_uncordons = false;        // a cordon may be missing for one step
  bool pods_may_break = false;            // also after the end
  bool somebody_spoils_journals = false;  // what is out cannot be told from outside

 private:
  std::set<std::string> cordoned_before_;
  std::map<std::string, std::string> flannel_pods_;  // node -> UID, at the start
};

}  // namespace scenario
