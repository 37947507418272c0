#include "kube/lease_machine.h"

#include <catch2/catch.hpp>

using namespace kube;
using namespace std::chrono_literals;
using base::ErrorKind;
using Steady = LeaseMachine::Steady;

namespace {

const base::TimePoint kWall(std::chrono::hours(24 * 365));
const LeaseConfig kConfig{"me"};

Steady at(std::chrono::milliseconds time) { return Steady(1h) + time; }

LeaseRecord held_by(const std::string& holder, const std::string& version) {
  return {holder, 15s, 3, version};
}

base::Result<LeaseRecord> error(ErrorKind kind) { return base::fail(kind, "x"); }

template <typename Command>
bool wants(const LeaseMachine& machine) {
  return std::holds_alternative<Command>(machine.next(kWall));
}

LeaseMachine leading_since(Steady time) {
  LeaseMachine machine(kConfig);
  machine.read(error(ErrorKind::NotFound), time, time);
  machine.wrote(held_by("me", "1"), time);
  return machine;
}

}  // namespace

TEST_CASE("a lease that does not exist is created") {
  LeaseMachine machine(kConfig);
  CHECK(wants<ReadLease>(machine));
  machine.read(error(ErrorKind::NotFound), at(0s), at(0s));
  CHECK(machine.next(kWall) ==
        LeaseCommand(
            CreateLease{R"({"holderIdentity":"me","leaseDurationSeconds":15,)"
                        R"("acquireTime":"1971-01-01T00:00:00.000000Z","leaseTransitions":0,)"
                        R"("renewTime":"1971-01-01T00:00:00.000000Z"})"}));
  CHECK_FALSE(machine.is_leader(at(0s)));
  machine.wrote(held_by("me", "1"), at(0s));
  CHECK(machine.is_leader(at(0s)));
  CHECK(machine.next(kWall) == LeaseCommand(WaitToRetry{2s}));
}

TEST_CASE("a leader renews without reading and leads until the deadline after its last renewal") {
  LeaseMachine machine = leading_since(at(0s));
  machine.waited();
  CHECK(machine.next(kWall) ==
        LeaseCommand(UpdateLease{R"({"metadata":{"resourceVersion":"1"},)"
                                 R"("spec":{"holderIdentity":"me","leaseDurationSeconds":15,)"
                                 R"("renewTime":"1971-01-01T00:00:00.000000Z"}})"}));
  machine.wrote(held_by("me", "2"), at(2s));
  CHECK(machine.is_leader(at(11999ms)));
  CHECK_FALSE(machine.is_leader(at(12s)));
  CHECK(machine.leader_until() == at(12s));
}

TEST_CASE("a leader whose renewals fail keeps trying and stops leading at the deadline") {
  LeaseMachine machine = leading_since(at(0s));
  for (auto time = 2s; time < 10s; time += 2s) {
    machine.waited();
    machine.wrote(error(ErrorKind::Unavailable), at(time));
    CHECK(wants<WaitToRetry>(machine));
    CHECK(machine.is_leader(at(time)));
  }
  CHECK_FALSE(machine.is_leader(at(10s)));
  machine.waited();
  CHECK(wants<ReadLease>(machine));
  machine.read(held_by("me", "1"), at(11s), at(11s));
  CHECK(wants<UpdateLease>(machine));
  CHECK_FALSE(machine.is_leader(at(11s)));
  machine.wrote(held_by("me", "9"), at(11s));
  CHECK(machine.is_leader(at(12s)));
}

TEST_CASE("a leader that finds somebody else in the lease stops at once") {
  LeaseMachine machine = leading_since(at(0s));
  machine.waited();
  machine.wrote(error(ErrorKind::Conflict), at(2s));
  CHECK(wants<ReadLease>(machine));
  machine.read(held_by("other", "7"), at(2s), at(2s));
  CHECK_FALSE(machine.is_leader(at(2s)));
  CHECK(wants<WaitToRetry>(machine));
}

TEST_CASE("a lease is taken over when nothing about it changed for its duration as seen here") {
  LeaseMachine machine(kConfig);
  machine.read(held_by("other", "1"), at(0s), at(0s));
  CHECK(wants<WaitToRetry>(machine));
  machine.waited();
  machine.read(held_by("other", "2"), at(10s), at(10s));
  machine.waited();
  machine.read(held_by("other", "2"), at(24s), at(24s));
  CHECK(wants<WaitToRetry>(machine));
  machine.waited();
  machine.read(held_by("other", "2"), at(25s), at(25s));
  REQUIRE(wants<UpdateLease>(machine));
  const auto patch =
      json::Document::parse(std::get<UpdateLease>(machine.next(kWall)).patch).value();
  CHECK(patch["metadata"]["resourceVersion"].string() == "2");
  CHECK(patch["spec"]["leaseTransitions"].integer() == 4);
  CHECK(patch["spec"]["acquireTime"].exists());
}

TEST_CASE("a renewal of somebody else's is as young as the answer that tells of it") {
  LeaseMachine machine(kConfig);
  machine.read(held_by("other", "1"), at(0s), at(14s));
  machine.waited();
  machine.read(held_by("other", "1"), at(16s), at(16s));
  CHECK(wants<WaitToRetry>(machine));
  machine.waited();
  machine.read(held_by("other", "1"), at(29s), at(29s));
  CHECK(wants<UpdateLease>(machine));
}

TEST_CASE("a lease that was given up is taken at once") {
  LeaseMachine machine(kConfig);
  machine.read(held_by("", "1"), at(0s), at(0s));
  CHECK(wants<UpdateLease>(machine));
}

TEST_CASE("whoever loses the race for a lease looks again") {
  const ErrorKind kind = GENERATE(ErrorKind::Conflict, ErrorKind::AlreadyExists);
  LeaseMachine machine(kConfig);
  machine.read(error(ErrorKind::NotFound), at(0s), at(0s));
  machine.wrote(error(kind), at(0s));
  CHECK(wants<ReadLease>(machine));
  CHECK_FALSE(machine.is_leader(at(0s)));
}

TEST_CASE("where there is no namespace for the lease, it is asked for once in a while") {
  LeaseMachine machine(kConfig);
  machine.read(error(ErrorKind::NotFound), at(0s), at(0s));
  machine.wrote(error(ErrorKind::NotFound), at(0s));
  CHECK(machine.next(kWall) == LeaseCommand(WaitToRetry{2s}));
  // A lease that somebody deleted is made again at once.
  LeaseMachine leader = leading_since(at(0s));
  leader.waited();
  leader.wrote(error(ErrorKind::NotFound), at(2s));
  CHECK(wants<ReadLease>(leader));
}

TEST_CASE("only a holder gives the lease up") {
  CHECK_FALSE(LeaseMachine(kConfig).release(kWall));
  const auto update = leading_since(at(0s)).release(kWall);
  REQUIRE(update);
  CHECK(update->patch == R"({"metadata":{"resourceVersion":"1"},"spec":{"holderIdentity":"",)"
                         R"("leaseDurationSeconds":1,"renewTime":"1971-01-01T00:00:00.000000Z"}})");
}

TEST_CASE("a lease is read with its limits") {
  const auto lease = json::Document::parse(
                         R"({"metadata":{"resourceVersion":"7"},"spec":{"holderIdentity":"x",
                             "leaseDurationSeconds":999999999999,"leaseTransitions":2}})")
                         .value();
  CHECK(parse_lease(lease.root()) == LeaseRecord{"x", 1h, 2, "7"});
  CHECK(parse_lease(json::View()) == LeaseRecord{});
}
