#include "migration/node/node_machine.h"

#include "base/backoff.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

constexpr base::BackoffPolicy kStepBackoff{base::Duration(5'000), base::Duration(300'000), 2.0};

api::AgentNetwork named(Network network) {
  return network == Network::Calico ? api::AgentNetwork::Calico : api::AgentNetwork::Flannel;
}

}  // namespace

NodeMachine::NodeMachine(PlanBuilder& builder, const NodeView& node, Network goal,
                         StartPolicy start_policy)
    : builder_(builder),
      survey_(builder.survey()),
      node_(node),
      goal_(goal),
      start_policy_(start_policy),
      journal_(effective_journal(builder.survey(), node, goal)) {
  report_.towards = journal_.towards;
  report_.method = hand_method();
  // The journal counts failed attempts; a rollback still belongs to the last of them.
  report_.attempt = journal_.rolling_back ? std::max(1, journal_.attempt) : journal_.attempt + 1;
  report_.since = journal_.since;
}

MoveReport NodeMachine::run() {
  if (corrects_journal()) {
    at(journal_.step);
    say("correcting the node's annotation: " + node_.journal_error);
    builder_.add(node_key(node_.name), *mend_journal(node_));
  } else if (journal_.step == Step::Refresh) {
    refresh();
  } else if (target_changed_under_way()) {
    turn_round({});
  } else if (node_.network == journal_.towards) {
    entered();
  } else if (node_.network == Network::None) {
    between();
  } else {
    leaving();
  }
  if (!node_.node().ready) report_.message = "node is not Ready; " + report_.message;
  return std::move(report_);
}

// A node that is back in service is left as it is while the migration does not go on.
bool NodeMachine::corrects_journal() const {
  const bool may = start_policy_ == StartPolicy::Continue || journal_.out();
  return may && node_.journal && !node_.journal_error.empty();
}

void NodeMachine::say(std::string message) {
  if (!message.empty()) report_.message = std::move(message);
}

void NodeMachine::patch(NodeChange change) {
  change.journal.since = survey_.now;
  if (change.message.empty()) change.message = change.journal.error;
  if (!node_.journal && !node_.journal_error.empty()) {
    change.reason = kJournalLost;
    change.message = lost_message(node_) + "; " + change.message;
  }
  builder_.add(node_key(node_.name), render_change(node_, change));
}

std::optional<bool> NodeMachine::back_in_service() const {
  if (journal_.admin_cordon || !node_.node().unschedulable) return std::nullopt;
  return false;
}

// True if spec.target changed while the node was moving. A rollback after a failure is never
// reversed.
bool NodeMachine::target_changed_under_way() const {
  return !journal_.rolling_back && journal_.towards != goal_;
}

void NodeMachine::turn_round(const std::string& failure, bool needs_drain) {
  NodeChange change{.journal = journal_, .in_progress = InProgress::Set, .reason = "TurnedRound"};
  Journal& next = change.journal;
  next.towards = other(journal_.towards);
  next.step = Step::Stop;
  next.run = next_run(node_);
  next.tries = 0;
  next.rolling_back = !failure.empty();
  next.error = failure;
  next.needs_drain = journal_.needs_drain || needs_drain;
  if (failure.empty()) next.attempt = 0;
  if (!failure.empty() && !needs_drain) ++next.attempt;
  if (node_.network == next.towards) return finish_untouched(std::move(change));
  if (node_.network == journal_.towards) change.label = Network::None;
  if (!failure.empty()) change.reason = "RollingBack";
  patch(std::move(change));
}

// The node never left the network that it goes back to: the cordon is undone, and an unfinished
// earlier move in the other direction goes on.
void NodeMachine::finish_untouched(NodeChange change) {
  change.unschedulable = back_in_service();
  if (journal_.mixed) {
    change.journal.step = Step::Refresh;
    return patch(std::move(change));
  }
  if (release_addresses()) return;
  rest(change.journal);
  change.in_progress = InProgress::Clear;
  patch(std::move(change));
}

// Returns whether there were any to be released.
bool NodeMachine::release_addresses() {
  auto actions = release_reservation(survey_, node_);
  if (actions.empty()) return false;
  say("releasing the reserved addresses");
  builder_.add(node_key(node_.name), std::move(actions));
  return true;
}

void NodeMachine::rest(Journal& journal) {
  if (journal.rolling_back) {
    journal.step = Step::Failed;
    journal.towards = other(journal.towards);
  } else {
    journal.step = Step::Done;
    journal.attempt = 0;
    journal.error.clear();
    journal.needs_drain = false;
  }
  journal.tries = 0;
  journal.rolling_back = false;
  journal.mixed = false;
  journal.admin_cordon = false;
}

// The same step with another run of the agent; each further one waits longer.
NodeChange NodeMachine::next_try(std::string reason) const {
  NodeChange change{.journal = journal_, .reason = std::move(reason)};
  change.journal.run = next_run(node_);
  ++change.journal.tries;
  return change;
}

void NodeMachine::fail(const AgentOutcome& outcome, Step step) {
  if (outcome.outdated) return ask_again(outcome.message);
  const bool needs_drain = outcome.reason == api::kReasonNotHandOverable;
  fail(fmt::format("{}: {}", step_name(step, journal_.towards, hand_method()), outcome.message),
       needs_drain);
}

void NodeMachine::fail(const std::string& message, bool needs_drain) {
  say(message);
  if (!journal_.rolling_back && journal_.step != Step::Refresh)
    return turn_round(message, needs_drain);
  auto change = next_try("StepFailed");
  change.journal.error = message;
  // A node that already goes back cannot turn round again: a device that cannot be handed over is
  // cut over instead.
  if (needs_drain) change.journal.method = api::Method::Drain;
  patch(std::move(change));
}

// Asks again because a smaller device, here or elsewhere, has changed the cluster's MTU since: the
// node has not failed. It counts as a try all the same, so that an MTU that keeps changing is asked
// for less and less often.
void NodeMachine::ask_again(const std::string& answer) {
  auto change = next_try("AskedAgain");
  change.message =
      fmt::format("{}; the cluster's MTU is {} now", answer, survey_.settings.mtu.value_or(0));
  say(change.message);
  patch(std::move(change));
}

// A new run waits for its turn after a failure that was answered by trying again.
Start NodeMachine::may_start() {
  if (journal_.tries == 0) return Start::Allowed;
  const auto when =
      journal_.since + base::backoff_delay(kStepBackoff, static_cast<unsigned>(journal_.tries));
  if (survey_.now >= when) return Start::Allowed;
  builder_.wake(when);
  return Start::Forbidden;
}

AgentOutcome NodeMachine::agent(api::AgentOperation operation, std::vector<api::AgentPeer> peers) {
  api::AgentTask task = agent_task(survey_, node_, operation, journal_.run);
  task.peers = std::move(peers);
  const bool lays = operation == api::AgentOperation::HandOver;
  if (lays && find_run(node_, operation, journal_.run) == nullptr)
    task.peer_blocks = peer_blocks(builder_.outlying(), node_.name);
  if (operation == api::AgentOperation::Clean) task.network = named(other(journal_.towards));
  if (operation == api::AgentOperation::Verify) task.network = named(journal_.towards);
  AgentOutcome outcome = run_agent(builder_, node_, std::move(task), may_start());
  if (outcome.state == AgentOutcome::State::Waiting) {
    say(journal_.error.empty() ? outcome.message
                               : fmt::format("{} (before: {})", outcome.message, journal_.error));
  }
  return outcome;
}

}  // namespace migration
