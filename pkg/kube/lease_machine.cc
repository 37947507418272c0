#include "kube/lease_machine.h"

#include "json/writer.h"

#include <algorithm>

namespace kube {
namespace {

constexpr std::int64_t kLongestLeaseSeconds = 3600;

}  // namespace

LeaseRecord parse_lease(json::View lease) {
  const json::View spec = lease["spec"];
  const auto seconds =
      std::clamp<std::int64_t>(spec["leaseDurationSeconds"].integer(), 0, kLongestLeaseSeconds);
  return {spec["holderIdentity"].string(), std::chrono::seconds(seconds),
          spec["leaseTransitions"].integer(), lease["metadata"]["resourceVersion"].string()};
}

LeaseMachine::LeaseMachine(LeaseConfig config) : config_(std::move(config)) {}

LeaseCommand LeaseMachine::next(base::TimePoint wall) const {
  switch (state_) {
    case State::Reading:
      return ReadLease{};
    case State::Creating:
      return CreateLease{spec(wall)};
    case State::Writing: {
      json::Writer writer;
      writer.object().key("metadata").object();
      writer.field("resourceVersion", record_.resource_version).end();
      writer.key("spec").value(json::Document::parse(spec(wall)).value().root()).end();
      return UpdateLease{writer.text()};
    }
    case State::Waiting:
      return WaitToRetry{config_.retry_period};
  }
  return WaitToRetry{config_.retry_period};
}

void LeaseMachine::read(const base::Result<LeaseRecord>& lease, Steady asked, Steady answered) {
  if (!lease) {
    const bool absent = lease.error().kind == base::ErrorKind::NotFound;
    state_ = absent ? State::Creating : State::Waiting;
    if (absent) record_ = {};
    renewing_ = false;
    return;
  }
  // The lease counts as seen when the answer came, which may have taken its time: so the lease of
  // another holder is never taken for expired too early.
  observe(*lease, answered);
  state_ = is_ours() || is_free(asked) ? State::Writing : State::Waiting;
}

void LeaseMachine::observe(const LeaseRecord& record, Steady now) {
  if (record != record_) observed_ = now;
  record_ = record;
  if (!is_ours()) renewed_.reset();
}

bool LeaseMachine::is_free(Steady now) const {
  return record_.holder.empty() || now >= observed_ + record_.duration;
}

void LeaseMachine::wrote(const base::Result<LeaseRecord>& lease, Steady asked) {
  const bool created = state_ == State::Creating;
  state_ = State::Waiting;
  renewing_ = lease.has_value();
  if (lease) {
    observe(*lease, asked);
    if (is_ours()) renewed_ = asked;
    return;
  }
  // A write that failed on the way may have arrived: only reading the lease shows it, and after a
  // lost race it is read at once. NotFound while it is created means that its namespace does not
  // exist.
  const auto kind = lease.error().kind;
  const bool raced = kind == base::ErrorKind::Conflict || kind == base::ErrorKind::AlreadyExists ||
                     (kind == base::ErrorKind::NotFound && !created);
  if (raced) state_ = State::Reading;
}

void LeaseMachine::waited() { state_ = renewing_ && is_ours() ? State::Writing : State::Reading; }

std::optional<LeaseMachine::Steady> LeaseMachine::leader_until() const {
  if (!renewed_) return std::nullopt;
  return *renewed_ + config_.renew_deadline;
}

bool LeaseMachine::is_leader(Steady now) const { return renewed_ && now < *leader_until(); }

std::string LeaseMachine::spec(base::TimePoint wall) const {
  const std::string now = base::to_rfc3339_micro(wall);
  const std::int64_t seconds = (config_.lease_duration.count() + 999) / 1000;
  const bool first = record_.resource_version.empty();
  json::Writer writer;
  writer.object().field("holderIdentity", config_.identity);
  writer.key("leaseDurationSeconds").integer(seconds);
  if (!is_ours()) {
    writer.field("acquireTime", now);
    writer.key("leaseTransitions").integer(first ? 0 : record_.transitions + 1);
  }
  return writer.field("renewTime", now).end().text();
}

std::optional<UpdateLease> LeaseMachine::release(base::TimePoint wall) const {
  if (!is_ours() || record_.resource_version.empty()) return std::nullopt;
  json::Writer writer;
  writer.object().key("metadata").object();
  writer.field("resourceVersion", record_.resource_version).end();
  writer.key("spec").object().field("holderIdentity", "");
  writer.key("leaseDurationSeconds").integer(1);
  writer.field("renewTime", base::to_rfc3339_micro(wall)).end().end();
  return UpdateLease{writer.text()};
}

}  // namespace kube
