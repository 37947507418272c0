// Lists pods for NodePodTracker and ClusterPodIndex: workers read, the answer is handed over on the
// strand; a failure is handed over after a while, as the list is tried again then.
#pragma once

#include "base/backoff.h"
#include "controller/watch/cluster_pod_index.h"
#include "controller/watch/node_pod_tracker.h"
#include "kube/reader.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <string>

namespace controller {

class PodLists {
 public:
  struct Parts {
    boost::asio::io_context& strand;
    boost::asio::thread_pool& workers;
    const kube::Reader& reader;
    NodePodTracker& pods;
    ClusterPodIndex& all_pods;
  };

  // `on_change` is called on the strand after every answer.
  PodLists(Parts parts, std::function<void()> on_change)
      : parts_(parts), on_change_(std::move(on_change)) {}

  void list_node(const std::string& node, std::uint64_t generation);
  void list_all(std::uint64_t generation);

 private:
  template <typename Item>
  struct Job;
  template <typename Item>
  void start(Job<Item> job);
  void tell_later(const base::Error& why, std::function<void()> failed);

  Parts parts_;
  base::Backoff failures_{{base::Duration(1'000), base::Duration(30'000), 2.0}};  // on the strand
  std::function<void()> on_change_;
};

}  // namespace controller
