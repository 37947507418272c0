// All watches of the operator: a thread for each kind, which reads objects and posts changes of the
// snapshot to the strand.
#pragma once

#include "controller/metrics/metrics.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/snapshot/snapshot_change.h"
#include "controller/watch/cluster_pod_index.h"
#include "controller/watch/node_pod_tracker.h"
#include "kube/reflector.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace controller {

class Watches {
 public:
  // `on_change` is called on the strand after every change.
  Watches(boost::asio::io_context& strand, kube::Transport& transport, SnapshotBuilder& snapshot,
          NodePodTracker& pods, ClusterPodIndex& all_pods, Metrics& metrics, std::string ns,
          std::function<void()> on_change);

  void start();
  // Errors of watches that end from now on are not reported; does not wait.
  void request_stop();
  // Returns when every thread has ended.
  void stop();
  // Watches these ConfigMaps from now on, each by name with a watch of its own. Does not wait for
  // the end of other ConfigMaps' watches.
  void want_config_maps(const std::set<api::ObjectKey>& keys);
  // Everything that is watched has been listed once, or is known not to be seen (why is in
  // ClusterState::unseen).
  bool ready() const;

 private:
  kube::ReflectorOptions options_of(const kube::Resource& resource);
  void watch_kind(Kind kind);
  void watch_pods();
  void watch_config_map(const api::ObjectKey& key);
  void end_config_map(const api::ObjectKey& key, kube::Reflector& reflector);
  void config_map_ended(const api::ObjectKey& key);
  void on_event(Kind kind, const kube::WatchEvent& event);
  void on_pod(const kube::WatchEvent& event);
  void on_config_map(const api::ObjectKey& key, const kube::WatchEvent& event);
  void take(Kind kind, const kube::WatchEvent& event);
  void take_bookmark(Kind kind, const std::string& version);
  void take_pod(const kube::WatchEvent& event);
  void take_config_map(const api::ObjectKey& key, const kube::WatchEvent& event);
  // Records the state of a kind's list-and-watch; called after the event itself was handled, so
  // that ready() never comes before the objects.
  void progress(const std::string& what, const kube::WatchEvent& event);
  void post(std::function<void()> change);
  template <typename Change>
  void post_pod(Change change);

  boost::asio::io_context& strand_;
  kube::Transport& transport_;
  SnapshotBuilder& snapshot_;
  NodePodTracker& pods_;
  ClusterPodIndex& all_pods_;
  Metrics& metrics_;
  std::string ns_;
  std::function<void()> on_change_;
  std::set<api::ObjectKey> listed_;  // ConfigMaps that were there since their list began
  std::set<api::ObjectKey> wanted_;  // ConfigMaps that matter
  std::set<api::ObjectKey> ending_;  // members of config_maps_ whose watch was asked to end
  std::map<api::ObjectKey, std::unique_ptr<kube::Reflector>> config_maps_;
  std::vector<std::unique_ptr<kube::Reflector>> reflectors_;
  boost::asio::thread_pool ender_{1};  // waits for the end of watches, instead of the strand
};

// The change that an object of that kind means, from any thread; used by one-shot lists too.
Change applied(Kind kind, json::View object);

}  // namespace controller
