// Collects what the planner needs of all pods (pod_summary.h) while it asks for it: lists the whole
// cluster once, and follows the watch over all pods from then on. On the strand only.
#pragma once

#include "controller/snapshot/pod_summary.h"
#include "controller/snapshot/snapshot_builder.h"

#include <functional>
#include <string>
#include <vector>

namespace controller {

class ClusterPodIndex {
 public:
  // `start_list` begins a list of all pods; its answer comes to listed() or list_failed() later,
  // with the same generation.
  using StartList = std::function<void(std::uint64_t generation)>;

  ClusterPodIndex(SnapshotBuilder& snapshot, StartList start_list)
      : snapshot_(snapshot), start_list_(std::move(start_list)) {}

  void want(bool wanted);

  void watch_restarted() { synced_ = false; }
  void watch_synced();
  void pod_applied(const api::Pod& pod) { event(pod, false); }
  void pod_deleted(const api::Pod& pod) { event(pod, true); }

  // `pods` has only pods of which something is kept.
  void listed(const std::vector<PodSummary>& pods, const std::string& version,
              std::uint64_t generation);
  void list_failed(std::uint64_t generation);

 private:
  struct Event {
    PodSummary pod;
    bool deleted;
  };

  void begin();
  void event(const api::Pod& pod, bool deleted);
  void publish(const Event& event);

  SnapshotBuilder& snapshot_;
  StartList start_list_;
  bool wanted_ = false;
  bool synced_ = false;
  bool complete_ = false;
  std::uint64_t generation_ = 0;
  std::string version_;       // of the list
  std::vector<Event> early_;  // came while the list was under way
};

}  // namespace controller
