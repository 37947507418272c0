// IPv6 addresses of all pods, as far as the planner asks for them (migration::is_far): one list of
// the whole cluster when they are wanted first, kept up to date by the watch over all pods from
// then on. Clusters without IPv6 never ask. On the strand only.
#pragma once

#include "controller/snapshot_builder.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace controller {

// Of a pod only this is kept, also while a list is on its way.
struct PodAddress {
  std::string uid;
  std::string node;
  std::string version;
  net::IpAddress address;
};

// A finished pod counts too: it tells how far host-local has come.
std::optional<PodAddress> ipv6_address_of(const api::Pod& pod);

class FarPods {
 public:
  // `start_list` begins a list of all pods; its answer comes to listed() or list_failed() later,
  // with the same generation.
  using StartList = std::function<void(std::uint64_t generation)>;

  FarPods(SnapshotBuilder& snapshot, StartList start_list)
      : snapshot_(snapshot), start_list_(std::move(start_list)) {}

  void want(bool wanted);

  void watch_restarted() { synced_ = false; }
  void watch_synced();
  void pod_applied(const api::Pod& pod) { event(pod, false); }
  void pod_deleted(const api::Pod& pod) { event(pod, true); }

  void listed(const std::vector<PodAddress>& pods, const std::string& version,
              std::uint64_t generation);
  void list_failed(std::uint64_t generation);

 private:
  struct Event {
    PodAddress pod;
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
