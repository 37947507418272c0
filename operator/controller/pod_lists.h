// Lists pods for those that follow them (PodTracker, FarPods): workers read, the answer is told on
// the strand, a failure a moment later.
#pragma once

#include "controller/far_pods.h"
#include "controller/pod_tracker.h"
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
    PodTracker& pods;
    FarPods& far_pods;
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
  void tell_later(std::function<void()> failed);

  Parts parts_;
  std::function<void()> on_change_;
};

}  // namespace controller
