// Decides which pods of a node have to go, in which way, and what prevents it: a chain of filters
// like kubectl drain's.
#pragma once

#include "migration/facts/survey.h"
#include "migration/plan_builder.h"

#include <functional>
#include <string>

namespace migration {

enum class Purpose {
  Drain,  // method Drain, before the node is touched: what a DaemonSet would bring back at once is
          // left alone
  Refresh,    // older pods than the hand-over, while the node is in service
  Gather,     // pods on Calico whose address is not of their node's pod CIDR (strays.h)
  Leftovers,  // method Drain, after the devices are gone: pods without a network, deleted past
              // their budgets
};

enum class Verdict {
  Ignore,  // may stay
  Remove,
  Gone,   // already on its way out: wait
  Stuck,  // has to go, and a person has to do it
};

struct PodVerdict {
  Verdict verdict = Verdict::Ignore;
  std::string why;  // for Stuck
  bool operator==(const PodVerdict&) const = default;
};

PodVerdict judge(const Survey& survey, const api::Pod& pod, Purpose purpose);

struct Evacuation {
  int remaining = 0;       // pods that still have to go
  int stuck = 0;           // pods among them that a person has to move
  bool timed_out = false;  // drain.timeout has passed since `since`
  std::string message;     // what is waited for, naming the pod, the budget and its numbers
};

// Plans the removals of the pods for which `concerned` holds. The node's pods must be known.
Evacuation evacuate(PlanBuilder& builder, const NodeView& node, Purpose purpose,
                    base::TimePoint since, const std::function<bool(const api::Pod&)>& concerned);

}  // namespace migration
