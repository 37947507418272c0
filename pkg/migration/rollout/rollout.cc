#include "migration/rollout/rollout.h"

#include "api/names.h"
#include "base/plural.h"
#include "migration/ipam/node_ipam.h"
#include "migration/node/node_patch.h"
#include "migration/node/node_service.h"
#include "migration/node/retries.h"
#include "migration/rollout/canary.h"
#include "migration/rollout/rollout_order.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

bool turns_back(const NodeView& node, Network goal) {
  return node.in_flight() && node.journal && node.journal->step == Step::Refresh &&
         !node.journal->rolling_back && node.journal->towards != goal;
}

bool wants_to_move(const NodeView& node, Network goal) {
  return (node.resting() && node.network != goal) || turns_back(node, goal);
}

// A node counts against the budget while it takes no pods, whatever the reason, and while it soaks.
bool unavailable(const NodeView& node) {
  return node.out() || node.node().unschedulable || !node.node().ready;
}

class RolloutPlanner {
 public:
  RolloutPlanner(PlanBuilder& builder, Network goal)
      : builder_(builder), survey_(builder.survey()), goal_(goal) {
    order_ = rollout_order(survey_);
    budget_ = survey_.spec.rollout.max_unavailable.of(static_cast<int>(survey_.nodes.size()));
  }

  RolloutReport run(StartPolicy start_policy) {
    for (const auto& node : survey_.nodes) {
      // Without label and journal a node's direction is unknown (preflight's node_labels).
      if (node.joined) continue;
      if (node.in_flight())
        report_.moving[node.name] = advance(builder_, node, goal_of(node), start_policy);
    }
    sort_out();
    if (start_policy == StartPolicy::Continue) {
      mend_journals();
      start();
      serve_resting_nodes(builder_);
    }
    return std::move(report_);
  }

 private:
  // Corrects journals before their nodes move: a value that is not believed would hold them up, or
  // be counted.
  void mend_journals() {
    for (const auto& node : survey_.nodes) {
      if (node.joined || node.in_flight()) continue;
      if (auto mended = mend_journal(node)) builder_.add(node_key(node.name), std::move(*mended));
    }
  }

  // A node that goes back to flannel and is not selected is not turned round.
  Network goal_of(const NodeView& node) const {
    const bool stays = !node.selected && node.journal && node.journal->towards == Network::Flannel;
    return stays ? Network::Flannel : goal_;
  }

  void sort_out() {
    for (const auto* node : order_) {
      if (gives_up(survey_, *node, goal_)) report_.failed.push_back(node);
      if (!wants_to_move(*node, goal_of(*node))) continue;
      if (used_up(survey_, *node) && node->journal->towards == goal_) {
        report_.failed.push_back(node);
      } else {
        ++report_.waiting;
        candidates_.push_back(node);
      }
    }
  }

  void start() {
    if (candidates_.empty()) return explain_failures();
    report_.further_starts = may_go_on();
    if (!report_.further_starts.is_ready()) return;
    count_unavailable();
    for (const auto* node : eligible()) {
      if (!try_start(*node)) break;
    }
  }

  Outcome may_go_on() {
    if (static_cast<int>(report_.failed.size()) > survey_.spec.rollout.max_failures) {
      return Outcome::blocked(fmt::format("{}, more than rollout.maxFailures {} allows; {}",
                                          count_failures(), survey_.spec.rollout.max_failures,
                                          how_to()));
    }
    for (const auto& [name, move] : report_.moving) {
      if (!move.blocks_rollout.empty()) return Outcome::blocked(move.blocks_rollout);
    }
    return refresh_keeps_up();
  }

  // No node is left to be started: the remaining ones may need a person.
  void explain_failures() {
    for (const auto& [name, move] : report_.moving) {
      if (!move.blocks_rollout.empty())
        report_.further_starts = Outcome::blocked(move.blocks_rollout);
    }
    if (report_.failed.empty() || !report_.moving.empty()) return;
    report_.further_starts = Outcome::blocked(fmt::format("{}; {}", count_failures(), how_to()));
  }

  std::string count_failures() const {
    return fmt::format("{} of {} failed", report_.failed.size(),
                       base::counted(order_.size(), "node"));
  }

  std::string how_to() const {
    const NodeView& first = *report_.failed.front();
    return fmt::format("node {}: {}. Mend it, then: kubectl annotate node {} {}=true", first.name,
                       first.journal->error, first.name, api::kRetryAnnotation);
  }

  Outcome refresh_keeps_up() {
    const auto pending =
        std::count_if(report_.moving.begin(), report_.moving.end(),
                      [](const auto& entry) { return entry.second.refresh_pending; });
    const int most = survey_.spec.refresh_max_pending.of(static_cast<int>(survey_.nodes.size()));
    if (pending <= most) return canaries_are_done();
    return Outcome::waiting(
        fmt::format("old pods are still to be replaced on {}, more than refresh.maxPending {}",
                    base::counted(pending, "node"), most));
  }

  Outcome canaries_are_done() {
    CanaryHold hold = hold_for_canaries(builder_, order_, goal_);
    canaries_ = hold.only;
    report_.needs_approval = hold.needs_approval;
    return std::move(hold.starts);
  }

  void count_unavailable() {
    for (const auto& node : survey_.nodes) {
      const bool leaving = may_be_leaving(node);
      if (unavailable(node) || soaking(node) || leaving) ++unavailable_;
      if (!node.out() && !leaving) continue;
      ++out_;
      if (node.control_plane) ++control_planes_out_;
    }
  }

  // The node's first patch may have been carried out although the answer to it was lost.
  bool may_be_leaving(const NodeView& node) const {
    return !node.out() && wants_to_move(node, goal_) &&
           survey_.cluster.busy.contains(node_key(node.name)) &&
           examine_ipam(survey_, node, goal_).ready();
  }

  bool soaking(const NodeView& node) {
    const auto soak = survey_.spec.rollout.soak;
    if (soak.count() == 0 || !node.journal || !node.journal->refresh_before) return false;
    if (node.journal->towards != goal_ || node.network != goal_) return false;
    const auto end = *node.journal->refresh_before + soak;
    if (survey_.now >= end) return false;
    builder_.wake(end);
    soaking_ = {&node, end};
    return true;
  }

  // Candidates that may start now, the rules about order applied; the budget is not.
  std::vector<const NodeView*> eligible() {
    std::vector<const NodeView*> found;
    int first_rank = 3;
    std::optional<std::string> domain;
    for (const auto* node : candidates_) {
      if (canaries_ > 0 && !is_canary(*node)) continue;
      if (!can_start(*node)) continue;
      first_rank = std::min(first_rank, rank(*node));
      if (rank(*node) != first_rank) break;
      if (!domain) domain = open_domain(*node);
      if (rank(*node) == 0 && domain_of(survey_, *node) != *domain) continue;
      found.push_back(node);
    }
    // Control-plane nodes wait until no worker is out; the operator's own node until nothing is.
    if (first_rank > 0 && out_ > 0) return {};
    if (canaries_ > 0) return first_canary(std::move(found));
    return found;
  }

  // Starts one canary at a time, so that what the first one shows can spare the next.
  std::vector<const NodeView*> first_canary(std::vector<const NodeView*> found) const {
    if (out_ > 0) return {};
    found.resize(std::min<std::size_t>(found.size(), 1));
    return found;
  }

  // The domain that moves now, one at a time: a node of it is out, else it has the first candidate.
  std::string open_domain(const NodeView& first) const {
    for (const auto& node : survey_.nodes) {
      if (node.out() && rank(node) == 0) return domain_of(survey_, node);
    }
    return domain_of(survey_, first);
  }

  bool is_canary(const NodeView& node) const {
    const auto end = order_.begin() + static_cast<std::ptrdiff_t>(canaries_);
    return std::find(order_.begin(), end, &node) != end;
  }

  bool can_start(const NodeView& node) {
    if (builder_.busy(node_key(node.name)) || node.node().meta.deleting) return false;
    if (!node.node().ready) {
      wait_with(fmt::format("node {} is not Ready: it moves when it is", node.name));
      return false;
    }
    // The node's network is no reason to wait on the way back: Calico itself may be its trouble.
    const auto trouble = network_trouble(node.node());
    if (goal_ == Network::Calico && !trouble.empty()) {
      wait_with(
          fmt::format("node {} takes no pods, it moves when it does: {}", node.name, trouble));
      return false;
    }
    if (!node.failed() || node.journal->towards != goal_) return true;
    if (asked_again(node)) return true;
    const auto when = retry_time(*node.journal);
    if (survey_.now >= when) return true;
    builder_.wake(when);
    wait_with(fmt::format("node {} is tried again at {}: {}", node.name, base::to_rfc3339(when),
                          node.journal->error));
    return false;
  }

  // False when the budget is used up.
  bool try_start(const NodeView& node) {
    const int cost = unavailable(node) ? 0 : 1;
    if (unavailable_ + cost > budget_) {
      explain_budget();
      return false;
    }
    if (node.control_plane && control_planes_out_ > 0) return false;
    if (!examine_ipam(survey_, node, goal_).ready()) return true;
    start_move(builder_, node, goal_);
    unavailable_ += cost;
    ++out_;
    if (node.control_plane) ++control_planes_out_;
    return true;
  }

  void wait_with(std::string why) { report_.further_starts = Outcome::waiting(std::move(why)); }

  void explain_budget() {
    if (out_ > 0) return;
    if (const auto [node, end] = soaking_; node != nullptr)
      wait_with(fmt::format("node {} soaks until {}", node->name, base::to_rfc3339(end)));
    for (const auto& node : survey_.nodes) {
      if (!unavailable(node)) continue;
      wait_with(fmt::format("node {} is {} and counts against rollout.maxUnavailable {}", node.name,
                            node.node().ready ? "cordoned" : "not Ready", budget_));
      return;
    }
  }

  PlanBuilder& builder_;
  const Survey& survey_;
  Network goal_;
  std::vector<const NodeView*> order_;
  std::vector<const NodeView*> candidates_;
  std::size_t canaries_ = 0;
  int budget_ = 1;
  int unavailable_ = 0;
  int out_ = 0;
  int control_planes_out_ = 0;
  std::pair<const NodeView*, base::TimePoint> soaking_;  // the last node that does, until when
  RolloutReport report_;
};

}  // namespace

RolloutReport plan_rollout(PlanBuilder& builder, Network goal, StartPolicy start_policy) {
  return RolloutPlanner(builder, goal).run(start_policy);
}

}  // namespace migration
