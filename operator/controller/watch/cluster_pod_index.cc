#include "controller/watch/cluster_pod_index.h"

namespace controller {

void ClusterPodIndex::want(bool wanted) {
  if (wanted == wanted_) return;
  wanted_ = wanted;
  if (wanted && synced_) return begin();
  ++generation_;  // an answer that is on its way comes too late
  complete_ = false;
  early_.clear();
  if (!wanted) snapshot_.set_all_pods(false);
}

void ClusterPodIndex::begin() {
  complete_ = false;
  early_.clear();
  start_list_(++generation_);
}

// The known pods stay until the new list is complete.
void ClusterPodIndex::watch_synced() {
  synced_ = true;
  if (wanted_) begin();
}

void ClusterPodIndex::event(const api::Pod& pod, bool deleted) {
  if (!wanted_) return;
  Event event{facts_of(pod), deleted};
  if (!complete_) {
    early_.push_back(std::move(event));
  } else if (api::at_least_as_new(event.pod.version, version_)) {
    publish(event);
  }
}

void ClusterPodIndex::publish(const Event& event) {
  if (event.deleted) {
    snapshot_.remove_facts(event.pod);
  } else {
    snapshot_.apply(event.pod);
  }
}

void ClusterPodIndex::listed(const std::vector<PodSummary>& pods, const std::string& version,
                             std::uint64_t generation) {
  if (generation != generation_) return;
  snapshot_.set_all_pods(true);
  for (const auto& pod : pods) publish({pod, false});
  complete_ = true;
  version_ = version;
  const auto early = std::move(early_);
  early_.clear();
  for (const auto& event : early) {
    if (api::at_least_as_new(event.pod.version, version)) publish(event);
  }
}

void ClusterPodIndex::list_failed(std::uint64_t generation) {
  if (generation == generation_ && wanted_ && synced_) begin();
}

}  // namespace controller
