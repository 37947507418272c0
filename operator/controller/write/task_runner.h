// Runs tasks of plans on a bounded number of threads, no two of one key at the same time, and
// remembers which keys are busy or wait after a failure. On the strand, but for the work itself.
#pragma once

#include "api/migration_spec.h"
#include "base/backoff.h"
#include "base/clock.h"
#include "controller/metrics/metrics.h"
#include "controller/snapshot/snapshot_change.h"
#include "controller/write/action_writer.h"
#include "migration/model/action.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace controller {

class TaskRunner {
 public:
  // `on_done` is called on the strand after every finished task.
  TaskRunner(boost::asio::io_context& strand, boost::asio::thread_pool& workers,
             SnapshotBuilder& snapshot, const ActionWriter& writer, Metrics& metrics,
             const base::Clock& clock, std::function<void()> on_done);

  // A task whose key is running is left out: the next plan has it again, if it is still wanted.
  void submit(migration::Task task, const api::AgentSpec& agent);
  // Forgets keys that the last plan does not ask for, with their errors. Call it after the tasks of
  // a plan have been submitted.
  void prune();
  // Keys for which nothing may be planned now.
  std::set<std::string> busy() const;
  // The earliest time after `since` at which a key that is backing off may run again; nullopt if
  // there was none at `since`. It may be in the past by now. Pass a time taken before busy(): no
  // key must become free, and be forgotten, unnoticed in between.
  std::optional<std::chrono::steady_clock::time_point> next_free(
      std::chrono::steady_clock::time_point since) const;

 private:
  struct KeyState {
    bool running = false;
    base::Backoff failures;
    std::chrono::steady_clock::time_point not_before{};
  };

  void work(const migration::Task& task, const api::AgentSpec& agent);
  void finish(const migration::Task& task, const base::Result<void>& result);
  void finish_removal(const migration::RemovePod& removal, const base::Error& error,
                      KeyState& state);

  boost::asio::io_context& strand_;
  boost::asio::thread_pool& workers_;
  SnapshotBuilder& snapshot_;
  const ActionWriter& writer_;
  Metrics& metrics_;
  const base::Clock& clock_;
  std::function<void()> on_done_;
  std::map<std::string, KeyState> keys_;
};

}  // namespace controller
