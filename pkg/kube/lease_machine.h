// Leader election on a coordination.k8s.io/v1 Lease, as client-go does it, as a state machine
// without I/O. The clocks of other machines are never compared with ours: a lease is free when
// nothing about it changed for its duration as seen from here.
#pragma once

#include "base/error.h"
#include "base/time.h"
#include "json/value.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace kube {

struct LeaseConfig {
  std::string identity;  // must differ between processes, also between two lives of one pod
  base::Duration lease_duration{15'000};
  base::Duration renew_deadline{10'000};  // shorter than lease_duration
  base::Duration retry_period{2'000};     // shorter than renew_deadline
};

// The fields of a Lease that leader election uses.
struct LeaseRecord {
  std::string holder;
  base::Duration duration{0};
  std::int64_t transitions = 0;
  std::string resource_version;
  bool operator==(const LeaseRecord&) const = default;
};

LeaseRecord parse_lease(json::View lease);

// Commands that next() returns. The bodies are JSON.
struct ReadLease {
  bool operator==(const ReadLease&) const = default;
};
struct CreateLease {
  std::string spec;
  bool operator==(const CreateLease&) const = default;
};
// A merge patch that holds the resourceVersion: Conflict when another writer was faster.
struct UpdateLease {
  std::string patch;
  bool operator==(const UpdateLease&) const = default;
};
struct WaitToRetry {
  base::Duration delay;
  bool operator==(const WaitToRetry&) const = default;
};
using LeaseCommand = std::variant<ReadLease, CreateLease, UpdateLease, WaitToRetry>;

class LeaseMachine {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  explicit LeaseMachine(LeaseConfig config);

  // `wall` goes into the lease for people to read.
  LeaseCommand next(base::TimePoint wall) const;

  // ReadLease: the lease, or the error (NotFound: there is none). `asked`: when the question was
  // sent; `answered`: when the answer was there.
  void read(const base::Result<LeaseRecord>& lease, Steady asked, Steady answered);
  // CreateLease and UpdateLease: the lease as the server has it now, or the error. `asked`: when it
  // was sent, as the lease may have begun to run then.
  void wrote(const base::Result<LeaseRecord>& lease, Steady asked);
  void waited();

  // We lead until then, unless it is renewed in time; nothing when we do not lead.
  std::optional<Steady> leader_until() const;
  bool is_leader(Steady now) const;
  // The holder of the lease when it was last read.
  const std::string& holder() const { return record_.holder; }

  // The patch that gives the lease up; nothing when it is not ours.
  std::optional<UpdateLease> release(base::TimePoint wall) const;

 private:
  enum class State { Reading, Creating, Writing, Waiting };

  bool is_ours() const { return record_.holder == config_.identity; }
  bool is_free(Steady now) const;
  void observe(const LeaseRecord& record, Steady now);
  std::string spec(base::TimePoint wall) const;

  LeaseConfig config_;
  State state_ = State::Reading;
  LeaseRecord record_;
  Steady observed_{};              // when record_ was first seen
  std::optional<Steady> renewed_;  // when our last successful write was sent
  bool renewing_ = false;          // after the wait: write again instead of reading
};

}  // namespace kube
