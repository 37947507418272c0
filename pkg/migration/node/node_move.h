// Moves one node from one network to the other: what is observed -> what to do next. Both
// directions, turning round in the middle, and the way back after a failure are the same machine;
// only the names of the two sides change.
//
// Problems that it solves:
// - A pod object is gone before its processes are: the agent waits for them, not this machine.
// - A node's label is what moves the DaemonSet pods; it is written in one patch with the journal,
//   so that a crash between any two actions is an ordinary starting point.
// - A report of an earlier run must never be taken for this one's: agent pods carry a run number
//   that is used once.
// - A pod is old when it was there before the hand-over *and* its address says so; by the address
//   alone a pod that got a freed one again would be replaced for ever.
#pragma once

#include "migration/facts/survey.h"
#include "migration/plan_builder.h"

#include <string>

namespace migration {

struct MoveReport {
  Step step = Step::Queued;
  base::TimePoint since{};
  std::string message;
  int attempt = 0;
  Network towards = Network::Calico;
  api::Method method =
      api::Method::HandOver;     // of its Hand step, which may differ from the rollout's
  bool refresh_pending = false;  // counts against refresh.maxPending
  std::string blocks_rollout;    // no further node may start, and why; empty: it may
};

// Begins the move of a node that rests, or that is past Uncordon in the other direction. The budget
// is the caller's business.
void start_move(PlanBuilder& builder, const NodeView& node, Network goal);

enum class StartPolicy { Continue, FinishOnly };

// The next action of a node in flight. With FinishOnly (paused, blocked, being deleted) the node is
// brought into service and then left alone.
MoveReport advance(PlanBuilder& builder, const NodeView& node, Network goal,
                   StartPolicy start_policy);

// The journal in force: the annotation's, or one made from the labels of a node that another tool
// left half-way.
Journal effective_journal(const Survey& survey, const NodeView& node, Network goal);

// A number behind every one that the node's journal or an agent pod on it has: the pod of a lost
// journal must not answer for another run.
std::uint64_t next_run(const NodeView& node);

// A failed node may be tried again from this time on.
base::TimePoint retry_time(const Journal& journal);

}  // namespace migration
