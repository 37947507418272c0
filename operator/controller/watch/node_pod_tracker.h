// Pods of the few nodes that are looked at: each node is listed once, by spec.nodeName, and
// followed by one watch over all pods from then on. On the strand only.
//
// The watch and the list overtake each other: what the watch says about a node while its list is
// under way is kept and applied afterwards, unless the list was newer.
#pragma once

#include "base/clock.h"
#include "controller/snapshot/snapshot_builder.h"

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace controller {

class NodePodTracker {
 public:
  struct Listed {
    std::string node;
    std::string resource_version;
    std::vector<api::Pod> pods;
  };

  // `start_list` begins a list of one node's pods; its answer comes to listed() or list_failed()
  // later, with the same generation.
  using StartList = std::function<void(const std::string& node, std::uint64_t generation)>;

  NodePodTracker(SnapshotBuilder& snapshot, const base::Clock& clock, StartList start_list);

  // The nodes that a plan wants to see. Others are forgotten after a while.
  void want(const std::set<std::string>& nodes);

  void watch_restarted();  // every list has to be repeated
  void watch_synced();
  bool synced() const { return synced_; }
  void pod_applied(api::Pod pod);
  void pod_deleted(const api::Pod& pod);

  void listed(Listed answer, std::uint64_t generation);
  void list_failed(const std::string& node, std::uint64_t generation);

 private:
  struct Event {
    api::Pod pod;
    bool deleted;
  };
  struct Tracked {
    std::uint64_t generation = 0;
    bool complete = false;
    std::string version;       // of the list
    std::vector<Event> early;  // came while the list was under way
    std::chrono::steady_clock::time_point wanted;
  };

  void begin(const std::string& node, Tracked& tracked);
  void event(Event event);
  void publish(const Event& event);

  SnapshotBuilder& snapshot_;
  const base::Clock& clock_;
  StartList start_list_;
  std::map<std::string, Tracked> tracked_;
  std::uint64_t generations_ = 0;
  bool synced_ = false;
};

}  // namespace controller
