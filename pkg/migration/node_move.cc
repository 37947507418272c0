#include "migration/node_move.h"

#include "api/names.h"
#include "base/backoff.h"
#include "migration/agent_step.h"
#include "migration/drain_policy.h"
#include "migration/node_ipam.h"
#include "migration/node_patch.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

constexpr base::BackoffPolicy kStepBackoff{base::Duration(5'000), base::Duration(300'000), 2.0};
constexpr base::BackoffPolicy kMoveBackoff{base::Duration(10'000), base::Duration(600'000), 3.0};

// The DaemonSets of one network.
std::vector<const api::DaemonSet*> sets_of(const Survey& survey, Network network) {
  if (network == Network::Flannel) return survey.flannel_sets;
  if (survey.calico_node == nullptr) return {};
  return {survey.calico_node};
}

class Mover {
 public:
  Mover(Draft& draft, const NodeView& node, Network goal, Leave leave)
      : draft_(draft),
        survey_(draft.survey()),
        node_(node),
        goal_(goal),
        leave_(leave),
        journal_(effective_journal(draft.survey(), node, goal)) {
    report_.towards = journal_.towards;
    report_.method = journal_.method;
    report_.attempt = journal_.attempt;
    report_.since = journal_.since;
  }

  MoveReport run() {
    if (journal_.step == Step::Refresh) {
      refresh();
    } else if (wants_to_turn()) {
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

 private:
  // --- reporting ---
  void at(Step step) { report_.step = step; }
  void say(std::string message) {
    if (!message.empty()) report_.message = std::move(message);
  }

  // --- patches ---
  void patch(NodeChange change) {
    change.journal.since = survey_.now;
    if (change.message.empty()) change.message = change.journal.error;
    draft_.add(node_key(node_.name), render_change(node_, change));
  }

  std::optional<bool> back_in_service() const {
    if (journal_.admin_cordon || !node_.node().unschedulable) return std::nullopt;
    return false;
  }

  // A failed step is answered by going back, once; a node on its way back goes on trying.
  bool wants_to_turn() const { return !journal_.rolling_back && journal_.towards != goal_; }

  void turn_round(const std::string& failure, bool needs_drain = false) {
    NodeChange change{journal_, {}, {}, InProgress::Set, false, "TurnedRound", {}};
    Journal& next = change.journal;
    next.towards = other(journal_.towards);
    next.step = Step::Stop;
    next.run = journal_.run + 1;
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

  // It never left the network that it is to be on: nothing but the cordon has to be undone.
  void finish_untouched(NodeChange change) {
    rest(change.journal);
    change.in_progress = InProgress::Clear;
    change.unschedulable = back_in_service();
    patch(std::move(change));
  }

  // The journal of a node that has arrived.
  static void rest(Journal& journal) {
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

  // --- a failing step ---
  void fail(const AgentOutcome& outcome, Step step) {
    const bool needs_drain = outcome.reason == api::kReasonNotHandOverable;
    fail(fmt::format("{}: {}", step_name(step, journal_.towards, journal_.method), outcome.message),
         needs_drain);
  }

  void fail(const std::string& message, bool needs_drain = false) {
    say(message);
    if (!journal_.rolling_back && journal_.step != Step::Refresh)
      return turn_round(message, needs_drain);
    NodeChange change{journal_, {}, {}, InProgress::Keep, false, "StepFailed", {}};
    change.journal.run = journal_.run + 1;
    ++change.journal.tries;
    change.journal.error = message;
    patch(std::move(change));
  }

  // After a failure that is answered by trying again, a new run waits for its turn.
  Start may_start() {
    if (journal_.tries == 0) return Start::Allowed;
    const auto when =
        journal_.since + base::backoff_delay(kStepBackoff, static_cast<unsigned>(journal_.tries));
    if (survey_.now >= when) return Start::Allowed;
    draft_.wake(when);
    return Start::Forbidden;
  }

  AgentOutcome agent(api::AgentOperation operation, std::vector<api::AgentPeer> peers = {}) {
    api::AgentTask task = agent_task(survey_, node_, operation, journal_.run);
    task.peers = std::move(peers);
    if (operation == api::AgentOperation::Clean) {
      task.clean_network = journal_.towards == Network::Calico ? api::AgentNetwork::Flannel
                                                               : api::AgentNetwork::Calico;
    }
    AgentOutcome outcome = run_agent(draft_, node_, std::move(task), may_start());
    if (outcome.state == AgentOutcome::State::Waiting) {
      say(journal_.error.empty() ? outcome.message
                                 : fmt::format("{} (before: {})", outcome.message, journal_.error));
    }
    return outcome;
  }

  // --- on the network that is to be left: Cordon, Drain ---
  void leaving() {
    at(Step::Cordon);
    if (journal_.step != Step::Cordon || !node_.node().unschedulable) return cordon_again();
    draft_.track(node_.name);
    if (!node_.state->pods) return say("reading the node's pods");
    if (journal_.method == api::Method::Drain && !drained()) return;
    const NodeIpam ipam = examine_ipam(survey_, node_, goal_);
    if (!ipam.ready()) return say("Calico's data of this node is being brought up to date");
    at(Step::Stop);
    NodeChange change{journal_, Network::None, {}, InProgress::Set, false, "", {}};
    change.journal.step = Step::Stop;
    change.reason = step_name(Step::Stop, journal_.towards, journal_.method);
    patch(std::move(change));
  }

  // Somebody lifted our cordon, or another tool began this node.
  void cordon_again() {
    NodeChange change{journal_, {}, true, InProgress::Set, true, "Cordon", "taken out of service"};
    change.journal.step = Step::Cordon;
    if (!node_.journal) ++change.journal.run;
    patch(std::move(change));
  }

  bool drained() {
    at(Step::Drain);
    const auto result = evacuate(draft_, node_, Purpose::Drain, journal_.since,
                                 [](const api::Pod&) { return true; });
    if (result.remaining == 0) return true;
    say(result.message);
    const auto policy = survey_.spec.drain.on_timeout;
    const bool give_up = policy == api::OnTimeout::Pause || policy == api::OnTimeout::Skip;
    if (result.timed_out && give_up) {
      turn_round(fmt::format("Drain: not done within {}: {}",
                             base::to_string(survey_.spec.drain.timeout), result.message));
    }
    return false;
  }

  // --- label none: Stop, Hand ---
  void between() {
    at(Step::Stop);
    if (!node_.journal || journal_.step != Step::Stop) return adopt();
    draft_.track(node_.name);
    if (!node_.state->pods) return say("reading the node's pods");
    for (const auto network : {Network::Flannel, Network::Calico}) {
      for (const auto* set : sets_of(survey_, network)) {
        if (const auto* pod = daemon_pod(*node_.state, *set))
          return say("waiting for pod " + pod->meta.name + " to end");
      }
    }
    hand();
  }

  void adopt() {
    NodeChange change{
        journal_, {}, {}, InProgress::Set, false, "Adopted", "found half-way between the networks"};
    change.journal.step = Step::Stop;
    change.journal.run = journal_.run + 1;
    if (!node_.node().unschedulable) change.unschedulable = true;
    patch(std::move(change));
  }

  api::AgentOperation hand_operation() const {
    const bool to_calico = journal_.towards == Network::Calico;
    if (journal_.method == api::Method::Drain) {
      return to_calico ? api::AgentOperation::CutOver : api::AgentOperation::CutBack;
    }
    return to_calico ? api::AgentOperation::HandOver : api::AgentOperation::HandBack;
  }

  void hand() {
    at(Step::Hand);
    const AgentOutcome outcome = agent(hand_operation());
    if (outcome.state == AgentOutcome::State::Waiting) return;
    if (outcome.state == AgentOutcome::State::Failed) return fail(outcome, Step::Hand);
    if (!addresses_held(outcome.report)) return;
    at(Step::Start);
    NodeChange change{journal_, journal_.towards, {}, InProgress::Set, false, "", {}};
    change.journal.step = Step::Start;
    change.journal.tries = 0;
    if (journal_.towards != journal_.from) change.journal.mixed = true;
    change.reason = step_name(Step::Start, journal_.towards, journal_.method);
    patch(std::move(change));
  }

  // Before Calico may give out any address of this node, those that live on the bridge are
  // reserved.
  bool addresses_held(const api::AgentReport& handed) {
    if (journal_.towards != Network::Calico || journal_.method == api::Method::Drain) return true;
    const NodeIpam ipam = examine_ipam(survey_, node_, goal_);
    if (!ipam.ready()) {
      say("Calico's data of this node is being brought up to date");
      return false;
    }
    auto actions = reserve(survey_, node_, ipam, live_addresses(node_, handed.live_addresses));
    if (actions.empty()) return true;
    say("reserving the addresses that live on flannel's bridge");
    draft_.add(node_key(node_.name), std::move(actions));
    return false;
  }

  // --- on the network that is entered: Start, Verify, Uncordon ---
  void entered() {
    at(Step::Start);
    if (!node_.journal || journal_.step != Step::Start) return adopt_entered();
    draft_.track(node_.name);
    if (!node_.state->pods) return say("reading the node's pods");
    if (!started()) return;
    at(Step::Verify);
    const AgentOutcome outcome = agent(api::AgentOperation::Verify, choose_peers(survey_, node_));
    if (outcome.state == AgentOutcome::State::Waiting) return;
    if (outcome.state == AgentOutcome::State::Failed) return fail(outcome, Step::Verify);
    if (journal_.method == api::Method::Drain && !leftovers_gone(*outcome.pod)) return;
    at(Step::Uncordon);
    NodeChange change{journal_, {},         back_in_service(), InProgress::Set,
                      false,    "Uncordon", "back in service"};
    change.journal.step = Step::Refresh;
    change.journal.tries = 0;
    change.journal.refresh_before = outcome.pod->meta.created.value_or(survey_.now);
    patch(std::move(change));
  }

  void adopt_entered() {
    NodeChange change{journal_,
                      {},
                      {},
                      InProgress::Set,
                      false,
                      "Adopted",
                      "found where the network had just changed"};
    change.journal.step = Step::Start;
    change.journal.run = journal_.run + 1;
    change.journal.mixed = true;
    patch(std::move(change));
  }

  bool started() {
    const auto sets = sets_of(survey_, journal_.towards);
    const api::Pod* pod = nullptr;
    for (const auto* set : sets) {
      if (const auto* found = daemon_pod(*node_.state, *set)) pod = found;
    }
    if (pod != nullptr && pod->ready && !pod->meta.deleting) return addresses_agree();
    std::string what = fmt::format("waiting for {}'s pod", to_string(journal_.towards));
    if (pod != nullptr)
      what = fmt::format("waiting for pod {} to be Ready {} {}", pod->meta.name,
                         pod->waiting_reason, pod->waiting_message);
    say(what);
    wait_for_start(what);
    return false;
  }

  void wait_for_start(const std::string& what) {
    if (!node_.node().ready || journal_.rolling_back) return;
    const auto deadline = journal_.since + survey_.spec.rollout.start_timeout;
    if (survey_.now < deadline) return draft_.wake(deadline);
    fail(fmt::format("{}: not within {}: {}",
                     step_name(Step::Start, journal_.towards, journal_.method),
                     base::to_string(survey_.spec.rollout.start_timeout), what));
  }

  // A flannel that came back with another MAC: peers on Calico follow the annotation, which is
  // corrected first.
  bool addresses_agree() {
    const NodeIpam ipam = examine_ipam(survey_, node_, goal_);
    if (ipam.problem.empty() && ipam.missing.empty()) return true;
    say(ipam.problem.empty() ? "Calico's data of this node follows flannel's" : ipam.problem);
    draft_.add(node_key(node_.name), ipam.missing);
    return false;
  }

  bool leftovers_gone(const api::Pod& verified) {
    const auto before = verified.meta.created.value_or(survey_.now);
    const auto result = evacuate(draft_, node_, Purpose::Leftovers, journal_.since,
                                 [&](const api::Pod& pod) { return created_by(pod, before); });
    say(result.message);
    return result.remaining == 0;
  }

  static bool created_by(const api::Pod& pod, base::TimePoint when) {
    return pod.on_pod_network() && !pod.ips.empty() && pod.meta.created &&
           *pod.meta.created <= when;
  }

  // --- in service again: Refresh, Clean ---
  void refresh() {
    at(Step::Refresh);
    if (wants_to_turn()) return say("goes back when its turn comes");
    report_.refresh_pending = true;
    if (leave_ == Leave::FinishOnly) return say("left as it is: the migration does not go on");
    if (!journal_.mixed) return arrive();
    draft_.track(node_.name);
    if (!node_.state->pods) return say("reading the node's pods");
    const auto result = evacuate(draft_, node_, Purpose::Refresh, journal_.since,
                                 [this](const api::Pod& pod) { return from_before(pod); });
    if (result.remaining > 0) return wait_for_pods(result);
    at(Step::Clean);
    const AgentOutcome outcome = agent(api::AgentOperation::Clean);
    if (outcome.state == AgentOutcome::State::Waiting) return;
    if (outcome.state == AgentOutcome::State::Failed) return fail(outcome, Step::Clean);
    arrive();
  }

  // Pods of the network that was left. Towards Calico these are the ones whose address is reserved;
  // towards flannel the ones whose address is not. A pod made after the new network answered is
  // never one of them.
  bool from_before(const api::Pod& pod) const {
    if (!created_by(pod, journal_.refresh_before.value_or(survey_.now))) return false;
    const bool reserved = std::any_of(pod.ips.begin(), pod.ips.end(), [this](const auto& ip) {
      return is_reserved(survey_, node_, ip);
    });
    if (journal_.method == api::Method::Drain) return false;
    return journal_.towards == Network::Calico ? reserved : !reserved;
  }

  void wait_for_pods(const Evacuation& result) {
    say(result.message);
    if (!result.timed_out) return;
    if (survey_.spec.drain.on_timeout == api::OnTimeout::Skip) report_.refresh_pending = false;
    if (survey_.spec.drain.on_timeout != api::OnTimeout::Pause) return;
    report_.blocks_rollout =
        fmt::format("old pods on {} not replaced within {}: {}", node_.name,
                    base::to_string(survey_.spec.drain.timeout), result.message);
  }

  void arrive() {
    auto actions = release_reservation(survey_, node_);
    if (!actions.empty()) {
      say("releasing the reserved addresses");
      draft_.add(node_key(node_.name), std::move(actions));
      return;
    }
    NodeChange change{journal_, {}, {}, InProgress::Clear, false, "", {}};
    rest(change.journal);
    change.reason = step_name(change.journal.step, change.journal.towards, journal_.method);
    patch(std::move(change));
  }

  Draft& draft_;
  const Survey& survey_;
  const NodeView& node_;
  Network goal_;
  Leave leave_;
  Journal journal_;
  MoveReport report_;
};

}  // namespace

Journal effective_journal(const Survey& survey, const NodeView& node, Network goal) {
  if (node.journal) return *node.journal;
  // Another tool's node: it drains, so that nothing lives on the bridge that could be handed over.
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

void start_move(Draft& draft, const NodeView& node, Network goal) {
  const Survey& survey = draft.survey();
  NodeChange change{node.journal.value_or(Journal{}),
                    {},
                    {},
                    InProgress::Set,
                    true,
                    "Cordon",
                    "taken out of service"};
  Journal& next = change.journal;
  const bool again = next.step == Step::Failed && next.towards == goal;
  if (!again) next.attempt = 0;
  if (node.node().meta.annotation(api::kRetryAnnotation) != nullptr) next.attempt = 0;
  next.method = next.needs_drain ? api::Method::Drain : survey.spec.rollout.method;
  next.mixed = node.in_flight();
  next.from = node.network;
  next.towards = goal;
  next.step = Step::Cordon;
  next.since = survey.now;
  ++next.run;
  next.tries = 0;
  next.rolling_back = false;
  next.refresh_before.reset();
  next.admin_cordon = node.node().unschedulable;
  change.unschedulable = true;
  if (!node.label) change.label = node.network;
  draft.add(node_key(node.name), render_change(node, change));
}

MoveReport advance(Draft& draft, const NodeView& node, Network goal, Leave leave) {
  return Mover(draft, node, goal, leave).run();
}

base::TimePoint retry_time(const Journal& journal) {
  return journal.since + base::backoff_delay(kMoveBackoff, static_cast<unsigned>(journal.attempt));
}

}  // namespace migration
