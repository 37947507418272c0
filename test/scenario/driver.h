// The operator without I/O: plans, carries out, lets the cluster act, checks the rules, and again.
#pragma once

#include "migration/planner.h"
#include "scenario/fake_cluster.h"
#include "scenario/invariants.h"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace scenario {

// How a call is made to fail.
enum class Failure { None, Conflict, Lost, AnswerLost };

class Driver {
 public:
  explicit Driver(FakeCluster& cluster);

  // Plans once, carries the tasks out, lets the cluster act. Answers whether anything happened.
  bool step();
  // Until nothing happens any more, time included; throws when it does not come to rest or a rule
  // was broken.
  void run();
  // For that long, whether or not something happens.
  void run_for(base::Duration time);
  void run_until(const std::function<bool()>& condition);

  const api::MigrationStatus& status() const { return last_.statuses.at(last_.active); }
  const migration::Plan& last() const { return last_; }
  api::Phase phase() const { return status().phase; }
  // The process starts again: what it only knew itself is gone.
  void restart();

  // --- how it works ---
  Invariants rules;
  bool check_rules = true;
  int limit = 5'000;  // steps of one run
  // A run has come to rest after so many steps in which nothing happened.
  int patience = 1;
  // A call of that number fails; the first is 1.
  std::function<Failure(int call, const migration::Action&)> fail;
  // The process ends after every action.
  bool restart_after_each = false;
  // Replaces what the planner sees.
  std::function<migration::ClusterState(const std::set<std::string>& tracked)> see;
  // Called for each action that was carried out.
  std::function<void(const migration::Action&)> done;
  // Called before each step.
  std::function<void(int step)> before;
  int calls = 0;
  int steps = 0;

 private:
  void carry_out();
  bool carry_out(const migration::Task& task);
  base::Result<void> call(const migration::Action& action);
  void put_status();
  void release_keys();
  void note(std::string line);
  void complain();

  FakeCluster& cluster_;
  migration::Plan last_;
  std::set<std::string> tracked_;
  bool all_pods_ = false;                        // asked for by the last plan
  std::map<std::string, base::TimePoint> held_;  // keys that wait after a failure
  std::deque<std::string> story_;                // what happened lately, for a failed test
  int idle_ = 0;                                 // steps in a row in which nothing happened
  int jumps_ = 0;                                // in time, in a row
};

}  // namespace scenario
