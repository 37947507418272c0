#include "scenario/driver.h"

#include "scenario/api_server.h"

#include <fmt/format.h>

#include <stdexcept>

namespace scenario {
namespace {

constexpr std::size_t kStory = 120;
constexpr base::Duration kTick{1'000};
constexpr base::Duration kRetryAfter{2'000};

// The handle of a pod that Calico lost is named by its block alone: nothing tells that it was
// deleted until the block is, so that a whole block's handles have to go in one go.
bool deletes_pod_handle(const migration::Action& action) {
  const auto* deletion = std::get_if<migration::DeleteHandle>(&action);
  return deletion != nullptr && deletion->handle_id.starts_with("k8s-pod-network.");
}

}  // namespace

Driver::Driver(FakeCluster& cluster) : rules(cluster), cluster_(cluster) {}

bool Driver::step() {
  World& world = cluster_.world;
  if (before) before(steps);
  ++steps;
  release_keys();
  const auto first = world.version;
  auto seen = see ? see(tracked_) : cluster_.observe(tracked_);
  if (!all_pods_) {
    seen.far_pods.reset();
    seen.lone_pods.reset();
    seen.flannel_pods.reset();
  }
  last_ = migration::plan(seen, world.now);
  const bool wants_more = last_.track != tracked_ || last_.all_pods != all_pods_;
  tracked_ = last_.track;
  all_pods_ = last_.all_pods;
  if (check_rules) rules.check(cluster_, last_);
  put_status();
  carry_out();
  world.now += kTick;
  cluster_.tick();
  complain();
  return wants_more || !last_.tasks.empty() || world.version != first;
}

void Driver::run() {
  const int end = steps + limit;
  idle_ = jumps_ = 0;
  while (steps < end) {
    if (step()) {
      idle_ = jumps_ = 0;
      continue;
    }
    if (!held_.empty() || ++idle_ < patience) continue;
    // Only time can change anything now.
    if (!last_.requeue_after || ++jumps_ > 50) return;
    note(fmt::format("... {}", base::to_string(*last_.requeue_after)));
    cluster_.world.now += *last_.requeue_after;
  }
  note("does not come to rest");
  cluster_.world.violate("does not come to rest");
  complain();
}

void Driver::run_for(base::Duration time) {
  const auto end = cluster_.world.now + time;
  while (cluster_.world.now < end) {
    if (step() || !held_.empty()) continue;
    cluster_.world.now += std::min(last_.requeue_after.value_or(time), time);
  }
}

void Driver::run_until(const std::function<bool()>& condition) {
  const int end = steps + limit;
  while (steps < end && !condition()) {
    if (!step() && held_.empty()) {
      if (!last_.requeue_after) break;
      cluster_.world.now += *last_.requeue_after;
    }
  }
  if (condition()) return;
  cluster_.world.violate("the awaited condition does not come");
  complain();
}

void Driver::restart() {
  cluster_.world.state.busy.clear();
  cluster_.world.state.removals.clear();
  cluster_.world.state.errors.clear();
  held_.clear();
  tracked_.clear();
  all_pods_ = false;
}

void Driver::carry_out() {
  for (const auto& task : last_.tasks) {
    if (carry_out(task)) continue;
    if (restart_after_each) return;
  }
}

// False when the process has ended.
bool Driver::carry_out(const migration::Task& task) {
  for (const auto& action : task.actions) {
    note(fmt::format("{} {}", task.key, migration::to_string(action)));
    const auto result = call(action);
    if (result && done) done(action);
    if (restart_after_each && !deletes_pod_handle(action)) {
      restart();
      return false;
    }
    if (result) continue;
    note("  failed: " + result.error().message);
    // An eviction that a budget refuses has its own time of waiting.
    if (result.error().kind == base::ErrorKind::Throttled) return true;
    cluster_.world.state.busy.insert(task.key);
    cluster_.world.state.errors[task.key] = result.error().message;
    held_[task.key] = cluster_.world.now + kRetryAfter;
    return true;
  }
  cluster_.world.state.errors.erase(task.key);
  return true;
}

base::Result<void> Driver::call(const migration::Action& action) {
  ++calls;
  const auto failure = fail ? fail(calls, action) : Failure::None;
  if (failure == Failure::Conflict) return base::fail(base::ErrorKind::Conflict, "made to fail");
  if (failure == Failure::Lost) return base::fail(base::ErrorKind::Timeout, "made to be lost");
  auto result = apply(cluster_.world, action);
  if (failure == Failure::AnswerLost)
    return base::fail(base::ErrorKind::Timeout, "the answer was made to be lost");
  return result;
}

void Driver::put_status() {
  for (auto& migration : cluster_.world.state.migrations) {
    const auto status = last_.statuses.find(migration.meta.name);
    if (status == last_.statuses.end()) continue;
    if (status->second.message != migration.status.message)
      note(fmt::format("      [{}] {}", api::to_string(status->second.phase),
                       status->second.message));
    migration.status = status->second;
  }
}

void Driver::release_keys() {
  std::erase_if(held_, [this](const auto& entry) {
    if (cluster_.world.now < entry.second) return false;
    cluster_.world.state.busy.erase(entry.first);
    return true;
  });
}

void Driver::note(std::string line) {
  story_.push_back(fmt::format("{:4} {} {}", steps, base::to_rfc3339(cluster_.world.now), line));
  if (story_.size() > kStory) story_.pop_front();
}

void Driver::complain() {
  auto& violations = cluster_.world.violations;
  if (violations.empty()) return;
  std::string text;
  for (const auto& line : story_) text += line + "\n";
  for (const auto& violation : violations) text += "VIOLATION: " + violation + "\n";
  violations.clear();
  throw std::runtime_error(text);
}

}  // namespace scenario
