// The thread that takes and keeps the lease. Two processes never lead at the same time as long as
// the callers ask is_leader() before each write: it turns false at the renew deadline, whatever the
// network does.
#pragma once

#include "base/clock.h"
#include "kube/lease_machine.h"
#include "kube/transport.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace kube {

struct LeaderElectorOptions {
  LeaseConfig lease;
  std::string ns;
  std::string name;
  // Called on the elector's thread; they must return soon, as the lease is not renewed meanwhile.
  std::function<void()> on_started = {};
  std::function<void()> on_lost = {};
};

class LeaderElector {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  // `transport` and `clock` must outlive it.
  LeaderElector(Transport& transport, const base::Clock& clock, LeaderElectorOptions options);
  // Stops it.
  ~LeaderElector();

  void start();
  // Ends leading at once, calls on_lost when it led, then gives the lease up so that another
  // process need not wait. Stop what writes before, as another may lead when this returns. Not from
  // a callback.
  void stop();

  // Any thread; cheap.
  bool is_leader() const { return leader_until().has_value(); }
  // The time until which writes may be under way; nullopt when we do not lead. The lease has still
  // some seconds to run then, so that a late write cannot meet another leader's writes.
  std::optional<Steady> leader_until() const;

 private:
  void run(const std::stop_token& stop);
  void obey(const LeaseCommand& command, const std::stop_token& stop);
  base::Result<LeaseRecord> exchange(Request request, const std::stop_token& stop);
  base::Result<LeaseRecord> send(const Request& request, const std::stop_token& stop);
  Request create_request_for(const CreateLease& command) const;
  Request update_request_for(const UpdateLease& command) const;
  void wait(base::Duration delay, const std::stop_token& stop);
  void publish();
  void announce();
  void release();
  // Returns nullopt when that is done, or the lease is not ours.
  std::optional<base::ErrorKind> give_up(base::Duration timeout);

  Transport& transport_;
  const base::Clock& clock_;
  const LeaderElectorOptions options_;
  const ObjectRef lease_;
  LeaseMachine machine_;    // of the thread alone
  bool announced_ = false;  // on_started was called last; of the thread alone
  std::atomic<Steady::rep> leader_until_{0};
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace kube
