#include "migration/node/node_machine.h"
#include "migration/node/node_service.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {

// --- on the network that is to be left: Cordon, Drain ---
void NodeMachine::leaving() {
  at(Step::Cordon);
  if (journal_.step != Step::Cordon || !node_.node().unschedulable)
    return cordon_again(Step::Cordon);
  builder_.track(node_.name);
  if (!node_.state->pods) return say("reading the node's pods");
  if (journal_.method == api::Method::Drain && !drained()) return;
  const NodeIpam ipam = examine_ipam(survey_, node_, goal_);
  if (!ipam.ready()) return say("Calico's data of this node is being brought up to date");
  if (!bridge_addresses_free()) return;
  at(Step::Stop);
  NodeChange change{journal_, Network::None, {}, InProgress::Set, "", {}};
  change.journal.step = Step::Stop;
  change.reason = step_name(Step::Stop, journal_.towards, journal_.method);
  patch(std::move(change));
}

// An admin's cordon that the admin has lifted meanwhile is ours from now on.
void NodeMachine::take_out(NodeChange& change) const {
  if (node_.node().unschedulable) return;
  change.unschedulable = true;
  change.journal.admin_cordon = false;
}

// Repeats the cordon, which was lifted, or which another tool that began this node has not made.
void NodeMachine::cordon_again(Step step) {
  NodeChange change{.journal = journal_,
                    .in_progress = InProgress::Set,
                    .reason = "Cordon",
                    .message = "taken out of service"};
  take_out(change);
  change.journal.step = step;
  if (!node_.journal) change.journal.run = next_run(node_);
  patch(std::move(change));
}

bool NodeMachine::drained() {
  at(Step::Drain);
  return evacuated(evacuate(builder_, node_, Purpose::Drain, journal_.since,
                            [](const api::Pod&) { return true; }),
                   "Drain");
}

bool NodeMachine::evacuated(const Evacuation& result, std::string_view step) {
  if (result.remaining == 0) return true;
  say(result.message);
  const auto policy = survey_.spec.drain.on_timeout;
  const bool pause = policy == api::OnTimeout::Pause;
  if (!result.timed_out || !(pause || policy == api::OnTimeout::Skip)) return false;
  // A node that is paused gets no further attempt: what keeps its pods from leaving mostly keeps
  // other nodes' pods, too, which would be drained for nothing.
  if (pause) journal_.attempt = std::max(journal_.attempt, survey_.spec.rollout.retries);
  turn_round(fmt::format("{}: not done within {}: {}", step,
                         base::to_string(survey_.spec.drain.timeout), result.message));
  return false;
}

// Calico assigns every address of a block to pods, while flannel's bridge has some of them for
// itself. On the way back a pod with such an address would be cut off the moment the bridge comes:
// the pod moves first, and the address is kept from the next one.
bool NodeMachine::bridge_addresses_free() {
  if (journal_.towards != Network::Flannel || journal_.method == api::Method::Drain) return true;
  const auto own = bridge_addresses(node_.node());
  const auto holds_one = [&own](const api::Pod& pod) {
    return pod.on_pod_network() && std::any_of(pod.ips.begin(), pod.ips.end(),
                                               [&own](const auto& ip) { return own.contains(ip); });
  };
  const auto result = evacuate(builder_, node_, Purpose::Refresh, journal_.since, holds_one);
  if (!evacuated(result, "moving pods off the bridge's own addresses")) return false;
  auto actions = reserve(survey_, node_, {own, {}});
  if (actions.empty()) return true;
  say("keeping the bridge's own addresses free");
  builder_.add(node_key(node_.name), std::move(actions));
  return false;
}

// --- label none: Stop, Hand ---
void NodeMachine::between() {
  at(Step::Stop);
  if (!node_.journal || journal_.step != Step::Stop) return adopt();
  if (!node_.node().unschedulable) return cordon_again(Step::Stop);
  builder_.track(node_.name);
  if (!node_.state->pods) return say("reading the node's pods");
  if (survey_.flannel_sets.empty())
    return say("whether flannel's pod has ended cannot be told without its DaemonSet");
  auto sets = sets_of(survey_, Network::Flannel);
  for (const auto* set : sets_of(survey_, Network::Calico)) sets.push_back(set);
  // Every flanneld, of any installation, would recreate flannel's device.
  if (journal_.towards == Network::Calico)
    sets.insert(sets.end(), survey_.other_flannels.begin(), survey_.other_flannels.end());
  for (const auto* set : sets) {
    if (const auto* pod = daemon_pod(*node_.state, *set))
      return say("waiting for pod " + pod->meta.name + " to end");
  }
  hand();
}

void NodeMachine::adopt() {
  NodeChange change{journal_,        {},        {},
                    InProgress::Set, "Adopted", "found half-way between the networks"};
  change.journal.step = Step::Stop;
  change.journal.run = next_run(node_);
  take_out(change);
  patch(std::move(change));
}

api::Method NodeMachine::hand_method() const {
  // Canal's Felix, if VXLAN is on, may be faster than flanneld and have its VNI and port: flannel
  // gets the device by a hand-over, drained or not.
  if (journal_.towards == Network::Flannel && survey_.on_canal()) return api::Method::HandOver;
  return journal_.method;
}

api::AgentOperation NodeMachine::hand_operation() const {
  const bool to_calico = journal_.towards == Network::Calico;
  if (hand_method() == api::Method::Drain)
    return to_calico ? api::AgentOperation::CutOver : api::AgentOperation::CutBack;
  return to_calico ? api::AgentOperation::HandOver : api::AgentOperation::HandBack;
}

void NodeMachine::hand() {
  at(Step::Hand);
  const AgentOutcome outcome = agent(hand_operation());
  if (outcome.state == AgentOutcome::State::Waiting) return;
  if (outcome.state == AgentOutcome::State::Failed) return fail(outcome, Step::Hand);
  if (!addresses_held(outcome.report)) return;
  at(Step::Start);
  NodeChange change{journal_, journal_.towards, {}, InProgress::Set, "", {}};
  change.journal.step = Step::Start;
  change.journal.tries = 0;
  if (journal_.towards != journal_.from) change.journal.mixed = true;
  change.reason = step_name(Step::Start, journal_.towards, journal_.method);
  patch(std::move(change));
}

// Reserves the addresses that live on the bridge before Calico may assign any address of this node.
bool NodeMachine::addresses_held(const api::AgentReport& handed) {
  if (journal_.towards != Network::Calico || journal_.method == api::Method::Drain) return true;
  const auto live = live_addresses(node_, handed.live_addresses);
  NodeIpam ipam = examine_ipam(survey_, node_, goal_, live.all);
  if (!ipam.ready()) {
    say("Calico's data of this node is being brought up to date");
    builder_.add(node_key(node_.name), std::move(ipam.missing));
    return false;
  }
  auto actions = reserve(survey_, node_, live);
  if (actions.empty()) return true;
  say("reserving the addresses that live on flannel's bridge");
  builder_.add(node_key(node_.name), std::move(actions));
  return false;
}

// --- on the network that is entered: Start, Verify, Uncordon ---
void NodeMachine::entered() {
  at(Step::Start);
  if (!node_.journal || journal_.step != Step::Start) return adopt_entered();
  if (!node_.node().unschedulable) return cordon_again(Step::Start);
  builder_.track(node_.name);
  if (!node_.state->pods) return say("reading the node's pods");
  if (!started() || !network_told()) return;
  at(Step::Verify);
  const AgentOutcome outcome = agent(api::AgentOperation::Verify, choose_peers(survey_, node_));
  if (outcome.state == AgentOutcome::State::Waiting) return;
  // After a rollback the node serves even if its peers are silent, as a cordon would not make them
  // answer: it counts as failed. Without a tunnel or a CNI configuration it does not serve.
  const bool failed = outcome.state == AgentOutcome::State::Failed;
  const bool may_serve = journal_.rolling_back && outcome.reason == api::kReasonPeersSilent;
  if (failed && !may_serve) return fail(outcome, Step::Verify);
  if (journal_.method == api::Method::Drain && !leftovers_gone(*outcome.pod)) return;
  at(Step::Uncordon);
  if (!schedulable()) return;
  NodeChange change{journal_,        {},         back_in_service(),
                    InProgress::Set, "Uncordon", "back in service"};
  change.journal.step = Step::Refresh;
  change.journal.tries = 0;
  change.journal.refresh_before = outcome.pod->meta.created.value_or(survey_.now);
  patch(std::move(change));
}

void NodeMachine::adopt_entered() {
  NodeChange change{journal_,        {},        {},
                    InProgress::Set, "Adopted", "found where the network had just changed"};
  change.journal.step = Step::Start;
  change.journal.run = next_run(node_);
  change.journal.mixed = true;
  take_out(change);
  patch(std::move(change));
}

bool NodeMachine::started() {
  const auto sets = sets_of(survey_, journal_.towards);
  const api::Pod* pod = nullptr;
  for (const auto* set : sets) {
    if (const auto* found = daemon_pod(*node_.state, *set)) pod = found;
  }
  if (pod != nullptr && pod->ready && !pod->meta.deleting) return addresses_agree();
  std::string what = fmt::format("waiting for {}'s pod", to_string(journal_.towards));
  if (pod != nullptr)
    what = fmt::format("waiting for pod {} to be Ready{}", pod->meta.name, pod->why_waiting());
  say(what);
  wait_for_start(what);
  return false;
}

// calico-node says as it ends that the node has no network, and not every flannel takes that back.
// Each plan checks it, as pods and nodes may be seen in any order.
bool NodeMachine::network_told() {
  if (!left_by_calico(node_.node()) || serving_pod(survey_, node_, journal_.towards) == nullptr)
    return true;
  say("taking back what calico-node said as it ended: " + network_trouble(node_.node()));
  builder_.add(node_key(node_.name), network_available(survey_, node_, journal_.towards));
  return false;
}

// Pods that are evicted here, or wait for a place, find none on a node with such a taint.
bool NodeMachine::schedulable() {
  const auto trouble = network_trouble(node_.node());
  if (trouble.empty()) return true;
  const auto what = "waiting until the node takes pods: " + trouble;
  say(what);
  // Going back to Calico would not help here.
  if (journal_.towards == Network::Calico) wait_for_start(what);
  return false;
}

void NodeMachine::wait_for_start(const std::string& what) {
  if (!node_.node().ready || journal_.rolling_back) return;
  const auto deadline = journal_.since + survey_.spec.rollout.start_timeout;
  if (survey_.now < deadline) return builder_.wake(deadline);
  fail(fmt::format("{}: not within {}: {}",
                   step_name(Step::Start, journal_.towards, journal_.method),
                   base::to_string(survey_.spec.rollout.start_timeout), what));
}

// flannel may have come back with another MAC: peers on Calico follow the annotation, which is
// corrected first.
bool NodeMachine::addresses_agree() {
  const NodeIpam ipam = examine_ipam(survey_, node_, goal_);
  if (ipam.problem.empty() && ipam.missing.empty()) return true;
  say(ipam.problem.empty() ? "Calico's data of this node follows flannel's" : ipam.problem);
  builder_.add(node_key(node_.name), ipam.missing);
  return false;
}

bool NodeMachine::leftovers_gone(const api::Pod& verified) {
  const auto before = verified.meta.created.value_or(survey_.now);
  const auto result = evacuate(builder_, node_, Purpose::Leftovers, journal_.since,
                               [&](const api::Pod& pod) { return created_by(pod, before); });
  say(result.message);
  return result.remaining == 0;
}

}  // namespace migration
