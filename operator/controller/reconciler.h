// gather -> plan -> status -> submit, again whenever something changed. On the strand only.
#pragma once

#include "base/clock.h"
#include "controller/metrics/metrics.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/watch/cluster_pod_index.h"
#include "controller/watch/node_pod_tracker.h"
#include "controller/write/status_writer.h"
#include "controller/write/task_runner.h"
#include "migration/model/plan.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <set>

namespace controller {

class Reconciler {
 public:
  struct Parts {
    boost::asio::io_context& strand;
    SnapshotBuilder& snapshot;
    NodePodTracker& pods;
    ClusterPodIndex& all_pods;
    TaskRunner& tasks;
    StatusWriter& statuses;
    Metrics& metrics;
    const base::Clock& clock;
  };

  // `may_act`: we hold the lease, and everything has been read.
  Reconciler(Parts parts, std::function<bool()> may_act);

  // Something may have changed. Many calls in a short time make one plan.
  void schedule();
  void stop();

 private:
  void schedule_at(std::chrono::steady_clock::time_point when);
  void reconcile();
  void write_statuses(const migration::Plan& plan);
  void submit(migration::Plan plan);

  Parts parts_;
  std::function<bool()> may_act_;
  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::time_point armed_ = std::chrono::steady_clock::time_point::max();
  std::chrono::steady_clock::time_point last_{};
  bool stopped_ = false;
};

}  // namespace controller
