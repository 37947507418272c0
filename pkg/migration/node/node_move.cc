#include "migration/node/node_move.h"

#include "api/names.h"
#include "base/backoff.h"
#include "migration/facts/journal_check.h"
#include "migration/node/node_machine.h"
#include "migration/node/node_patch.h"
#include "migration/node/retries.h"

#include <algorithm>
#include <charconv>
#include <set>

namespace migration {
namespace {

constexpr base::BackoffPolicy kMoveBackoff{base::Duration(10'000), base::Duration(600'000), 3.0};

// Numbers of existing agent pods, as far as they can be true.
std::set<std::uint64_t> runs_of_agents(const NodeView& node) {
  std::set<std::uint64_t> runs;
  for (const auto& [name, pod] : node.state->agents) {
    const auto* label = pod.meta.label(api::kRunLabel);
    std::uint64_t run = 0;
    if (label == nullptr) continue;
    const auto [end, error] = std::from_chars(label->data(), label->data() + label->size(), run);
    if (error == std::errc{} && run <= kMaxRun) runs.insert(run);
  }
  return runs;
}

}  // namespace

Journal effective_journal(const Survey& survey, const NodeView& node, Network goal) {
  if (node.journal) return *node.journal;
  // Another tool's node drains, so that no pod on the bridge has to be handed over.
  Journal journal;
  journal.towards = goal;
  journal.from = other(goal);
  journal.since = survey.now;
  journal.method =
      node.network == Network::Flannel ? survey.spec.rollout.method : api::Method::Drain;
  journal.mixed = node.network == Network::Calico;
  if (node.network == goal) journal.step = Step::Start;
  if (node.network == Network::None) journal.step = Step::Stop;
  return journal;
}

std::uint64_t next_run(const NodeView& node) {
  const auto used = runs_of_agents(node);
  std::uint64_t last = node.journal ? node.journal->run : 0;
  if (!used.empty()) last = std::max(last, *used.rbegin());
  if (last < kMaxRun) return last + 1;
  // A number this high was not counted by the operator. Answers are matched by the number alone, so
  // any unused one will do.
  std::uint64_t free = 1;
  while (used.contains(free)) ++free;
  return free;
}

void start_move(PlanBuilder& builder, const NodeView& node, Network goal) {
  const Survey& survey = builder.survey();
  NodeChange change{.journal = node.journal.value_or(Journal{}),
                    .in_progress = InProgress::Set,
                    .reason = "Cordon",
                    .message = "taken out of service"};
  Journal& next = change.journal;
  const bool again = next.step == Step::Failed && next.towards == goal;
  if (!again) next.attempt = 0;
  next.method = next.needs_drain ? api::Method::Drain : survey.spec.rollout.method;
  next.mixed = node.in_flight() && next.mixed;
  next.from = node.network;
  next.towards = goal;
  next.step = Step::Cordon;
  next.since = survey.now;
  next.run = next_run(node);
  next.tries = 0;
  next.rolling_back = false;
  if (!next.mixed) next.refresh_before.reset();
  next.admin_cordon = node.node().unschedulable;
  change.unschedulable = true;
  if (!node.label) change.label = node.network;
  builder.add(node_key(node.name), render_change(node, change));
}

MoveReport advance(PlanBuilder& builder, const NodeView& node, Network goal,
                   StartPolicy start_policy) {
  return NodeMachine(builder, node, goal, start_policy).run();
}

base::TimePoint retry_time(const Journal& journal) {
  return journal.since + base::backoff_delay(kMoveBackoff, static_cast<unsigned>(journal.attempt));
}

}  // namespace migration
