#include "migration/node/node_machine.h"
#include "migration/node/node_service.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

constexpr base::Duration kAddressesTold{60'000};
// A pod without an address for this long may not find one.
constexpr base::Duration kTimeToStart{15'000};
// Between two looks at a node's leases.
constexpr base::Duration kFirstPause{20'000};
constexpr base::Duration kLongestPause{300'000};

// The time at which the youngest pod that waits for its address was created.
std::optional<base::TimePoint> waits_since(const NodeState& node) {
  std::optional<base::TimePoint> since;
  for (const auto& [uid, pod] : *node.pods) {
    const bool waits = pod.on_pod_network() && pod.ips.empty() && !pod.meta.deleting;
    if (waits && pod.meta.created) since = std::max(since, pod.meta.created);
  }
  return since;
}

// The longer a pod has been waiting, the less likely it waits for an address.
base::TimePoint next_look(const api::Pod& last, base::TimePoint waits) {
  const auto looked = last.meta.created.value_or(waits);
  return looked + std::clamp<base::Duration>(looked - waits, kFirstPause, kLongestPause);
}

}  // namespace

bool created_by(const api::Pod& pod, base::TimePoint when) {
  return pod.on_pod_network() && !pod.ips.empty() && pod.meta.created && *pod.meta.created <= when;
}

void NodeMachine::refresh() {
  at(Step::Refresh);
  if (target_changed_under_way())
    return say(fmt::format("goes to {} when its turn comes", to_string(goal_)));
  report_.refresh_pending = true;
  if (start_policy_ == StartPolicy::FinishOnly)
    return say("left as it is: the migration does not go on");
  if (!journal_.mixed) return arrive();
  builder_.track(node_.name);
  if (!node_.state->pods) return say("reading the node's pods");
  if (!network_told()) return;
  // Pods that replace a DaemonSet's would find no place on the node.
  if (const auto trouble = network_trouble(node_.node()); !trouble.empty())
    return say("waiting until the node takes pods: " + trouble);
  const auto result = evacuate(builder_, node_, Purpose::Refresh, journal_.since,
                               [this](const api::Pod& pod) { return from_before(pod); });
  if (result.remaining > 0) {
    make_room(result.remaining);
    return wait_for_pods(result);
  }
  at(Step::Clean);
  const AgentOutcome outcome = agent(api::AgentOperation::Clean);
  if (outcome.state == AgentOutcome::State::Waiting) return;
  if (outcome.state == AgentOutcome::State::Failed) return fail(outcome, Step::Clean);
  if (returned_with_pods()) return note_refreshed();
  arrive();
}

void NodeMachine::make_room(int pods) {
  journal_.towards == Network::Calico ? release_early(pods) : free_leases();
}

// A replaced pod gets an address from Calico before its old one is released with the others. If too
// few are free for that, the addresses that no pod has now are released at once; the kubelet has
// reported all pods' addresses by then.
void NodeMachine::release_early(int pods) {
  if (free_addresses(survey_, node_) >= static_cast<std::uint64_t>(pods)) return;
  const auto when = journal_.since + kAddressesTold;
  if (survey_.now < when) return builder_.wake(when);
  builder_.add(node_key(node_.name), release_unused(survey_, node_));
}

// A lease of ours keeps the address of a pod that is gone until Clean, on the way back. The number
// of addresses that host-local has left is not seen, only that a pod waits for one: then the agent
// frees the addresses of pods that it does not see alive.
void NodeMachine::free_leases() {
  const auto waits = waits_since(*node_.state);
  if (!waits) return;
  const auto* last = find_run(node_, api::AgentOperation::FreeLeases, journal_.run);
  if (last != nullptr && last->finished()) return look_again(next_look(*last, *waits));
  const auto when = *waits + kTimeToStart;
  if (last == nullptr && survey_.now < when) return builder_.wake(when);
  agent(api::AgentOperation::FreeLeases);
}

// Writes the new number first, as the pods with the old one are deleted. It is neither a failure
// nor a new start of Refresh, whose time goes on.
void NodeMachine::look_again(base::TimePoint when) {
  if (survey_.now < when) return builder_.wake(when);
  NodeChange change{.journal = journal_};
  change.journal.run = next_run(node_);
  builder_.add(node_key(node_.name), {render_change(node_, change), DeleteAgents{node_.name}});
}

// True while the reservation exists by which pods that have always lived on flannel's bridge are
// distinguished from Calico's; it is about to be released.
bool NodeMachine::returned_with_pods() const {
  return journal_.towards == Network::Flannel && !release_reservation(survey_, node_).empty();
}

void NodeMachine::note_refreshed() {
  NodeChange change{
      .journal = journal_, .reason = "Refreshed", .message = "no pod of Calico's is left"};
  change.journal.mixed = false;
  patch(std::move(change));
}

// True for pods of the network that was left. Towards Calico these are pods whose address is
// reserved; towards flannel, pods whose address is not. A pod that was created after the new
// network answered never counts.
bool NodeMachine::from_before(const api::Pod& pod) const {
  if (!created_by(pod, journal_.refresh_before.value_or(survey_.now))) return false;
  const bool reserved = std::any_of(pod.ips.begin(), pod.ips.end(), [this](const auto& ip) {
    return is_reserved(survey_, node_, ip);
  });
  if (journal_.method == api::Method::Drain) return false;
  return journal_.towards == Network::Calico ? reserved : !reserved;
}

void NodeMachine::wait_for_pods(const Evacuation& result) {
  say(result.message);
  if (!result.timed_out) return;
  if (survey_.spec.drain.on_timeout == api::OnTimeout::Skip) report_.refresh_pending = false;
  if (survey_.spec.drain.on_timeout != api::OnTimeout::Pause) return;
  report_.blocks_rollout = fmt::format(
      "old pods on {} not replaced within {}: {}. Mend that, or change spec.drain.timeout or "
      "spec.drain.onTimeout",
      node_.name, base::to_string(survey_.spec.drain.timeout), result.message);
}

void NodeMachine::arrive() {
  if (release_addresses()) return;
  NodeChange change{.journal = journal_, .in_progress = InProgress::Clear};
  rest(change.journal);
  change.reason = step_name(change.journal.step, change.journal.towards, journal_.method);
  if (change.journal.step == Step::Done) {
    change.message = change.journal.towards == Network::Calico ? "the node is on Calico"
                                                               : "the node is on flannel again";
  }
  patch(std::move(change));
}

}  // namespace migration
