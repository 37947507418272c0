#include "controller/watch/node_pod_tracker.h"

namespace controller {
namespace {

// A node that no plan wants for this long is forgotten.
constexpr std::chrono::seconds kForget{10};

}  // namespace

NodePodTracker::NodePodTracker(SnapshotBuilder& snapshot, const base::Clock& clock,
                               StartList start_list)
    : snapshot_(snapshot), clock_(clock), start_list_(std::move(start_list)) {}

void NodePodTracker::want(const std::set<std::string>& nodes) {
  const auto now = clock_.steady_now();
  for (const auto& node : nodes) {
    auto [entry, added] = tracked_.try_emplace(node);
    entry->second.wanted = now;
    // A node that was deleted and came back has lost its pods.
    const auto known = snapshot_.state().nodes.find(node);
    const bool lost =
        entry->second.complete && known != snapshot_.state().nodes.end() && !known->second.pods;
    if (synced_ && (added || lost)) begin(node, entry->second);
  }
  std::erase_if(tracked_, [&](const auto& entry) {
    const bool stale = now - entry.second.wanted > kForget;
    if (stale) snapshot_.set_pods(entry.first, std::nullopt);
    return stale;
  });
}

void NodePodTracker::begin(const std::string& node, Tracked& tracked) {
  tracked.generation = ++generations_;
  tracked.complete = false;
  tracked.early.clear();
  start_list_(node, tracked.generation);
}

void NodePodTracker::watch_restarted() { synced_ = false; }

void NodePodTracker::watch_synced() {
  synced_ = true;
  for (auto& [node, tracked] : tracked_) {
    snapshot_.set_pods(node, std::nullopt);
    begin(node, tracked);
  }
}

void NodePodTracker::pod_applied(api::Pod pod) { event({std::move(pod), false}); }

void NodePodTracker::pod_deleted(const api::Pod& pod) { event({pod, true}); }

void NodePodTracker::event(Event event) {
  const auto found = tracked_.find(event.pod.node_name);
  if (found == tracked_.end()) return;
  auto& tracked = found->second;
  if (!tracked.complete) {
    tracked.early.push_back(std::move(event));
  } else if (api::at_least_as_new(event.pod.meta.resource_version, tracked.version)) {
    publish(event);
  }
}

void NodePodTracker::publish(const Event& event) {
  if (event.deleted) {
    snapshot_.remove_pod(event.pod.node_name, event.pod.meta.uid);
  } else {
    snapshot_.apply_pod(event.pod);
  }
}

void NodePodTracker::listed(Listed answer, std::uint64_t generation) {
  const auto found = tracked_.find(answer.node);
  if (found == tracked_.end() || found->second.generation != generation) return;
  std::map<std::string, api::Pod> pods;
  for (auto& pod : answer.pods) {
    const auto uid = pod.meta.uid;
    pods[uid] = std::move(pod);
  }
  snapshot_.set_pods(answer.node, std::move(pods));
  found->second.complete = true;
  found->second.version = answer.resource_version;
  const auto early = std::move(found->second.early);
  for (const auto& event : early) {
    if (api::at_least_as_new(event.pod.meta.resource_version, answer.resource_version))
      publish(event);
  }
}

void NodePodTracker::list_failed(const std::string& node, std::uint64_t generation) {
  const auto found = tracked_.find(node);
  // The next plan that wants it begins again.
  if (found != tracked_.end() && found->second.generation == generation) tracked_.erase(found);
}

}  // namespace controller
