#include "controller/write/task_runner.h"

#include "base/log.h"
#include "controller/program/other_threads.h"
#include "controller/snapshot/snapshot_builder.h"

#include <boost/asio/post.hpp>
#include <fmt/format.h>

#include <chrono>
#include <string_view>

namespace controller {
namespace {

constexpr base::BackoffPolicy kTaskBackoff{base::Duration(100), base::Duration(30'000), 2.0};
// A blocked eviction is asked for again this late; kubectl drain waits 5 s.
constexpr base::BackoffPolicy kEvictionBackoff{base::Duration(6'250), base::Duration(12'500), 1.2};
// After a request that was granted, the watch has this long to show the pod as ending.
constexpr base::Duration kEnding{5'000};

// Failures of a key that no plan asks for are remembered for this long: a plan may leave it out for
// a moment.
constexpr std::chrono::minutes kForgotten{1};
// The API server's message in this case, which has neither a reason nor a cause (eviction.go in
// pkg/registry/core/pod).
constexpr std::string_view kSeveralBudgets = "more than one PodDisruptionBudget";

// A patch that takes a node out of service counts from now on, not from its answer.
const migration::PatchNode* node_patch(const migration::Task& task) {
  for (const auto& action : task.actions) {
    if (const auto* patch = std::get_if<migration::PatchNode>(&action)) return patch;
  }
  return nullptr;
}

const migration::RemovePod* removal(const migration::Task& task) {
  return task.actions.size() == 1 ? std::get_if<migration::RemovePod>(&task.actions.front())
                                  : nullptr;
}

// The API server's sentence about the budget, without the request in front of it.
std::string about_budget(const std::string& message) {
  const auto start = message.find("The disruption budget");
  return start == std::string::npos ? message : message.substr(start);
}

bool is_held_by_budget(const base::Error& error) { return error.cause == "DisruptionBudget"; }

Removal removal_of(const base::Result<void>& result) {
  if (result) return Removal::Granted;
  if (is_held_by_budget(result.error())) return Removal::Budget;
  return result.error().kind == base::ErrorKind::Throttled ? Removal::Throttled : Removal::Failed;
}

std::string explain(const base::Error& error) {
  if (is_held_by_budget(error))
    return "is held by a PodDisruptionBudget: " + about_budget(error.message);
  if (error.message.find(kSeveralBudgets) != std::string::npos)
    return "cannot be evicted, more than one PodDisruptionBudget: " + error.message;
  return "cannot be evicted: " + error.message;
}

}  // namespace

TaskRunner::TaskRunner(boost::asio::io_context& strand, boost::asio::thread_pool& workers,
                       SnapshotBuilder& snapshot, const ActionWriter& writer, Metrics& metrics,
                       const base::Clock& clock, std::function<void()> on_done)
    : strand_(strand),
      workers_(workers),
      snapshot_(snapshot),
      writer_(writer),
      metrics_(metrics),
      clock_(clock),
      on_done_(std::move(on_done)) {}

void TaskRunner::submit(migration::Task task, const api::AgentSpec& agent) {
  auto& state =
      keys_
          .try_emplace(
              task.key,
              KeyState{false, base::Backoff(removal(task) ? kEvictionBackoff : kTaskBackoff), {}})
          .first->second;
  if (state.running) return;
  state.running = true;
  if (const auto* patch = node_patch(task)) snapshot_.set_pending(patch->node, patch->patch);
  post_to_worker(workers_, strand_, [this, task = std::move(task), agent] { work(task, agent); });
}

void TaskRunner::work(const migration::Task& task, const api::AgentSpec& agent) {
  base::Result<void> result;
  for (const auto& action : task.actions) {
    auto change = writer_.run(action, agent);
    if (!change) {
      result = base::Failure(change.error().with_context(migration::to_string(action)));
      break;
    }
    boost::asio::post(strand_, [this, change = std::move(*change)] { change(snapshot_); });
  }
  boost::asio::post(strand_, [this, task, result = std::move(result)] { finish(task, result); });
}

void TaskRunner::finish(const migration::Task& task, const base::Result<void>& result) {
  const auto found = keys_.find(task.key);
  if (const auto* patch = node_patch(task)) snapshot_.set_pending(patch->node, std::nullopt);
  metrics_.count_task(result.has_value());
  if (removal(task) != nullptr) metrics_.count_removal(removal_of(result));
  if (result) {
    keys_.erase(found);
    snapshot_.set_error(task.key, {});
    if (const auto* pod = removal(task)) {
      snapshot_.set_removal(pod->uid, {.not_before = clock_.now() + kEnding,
                                       .reason = {},
                                       .message = {},
                                       .first = clock_.now()});
    }
    return on_done_();
  }
  found->second.running = false;
  if (const auto* pod = removal(task)) {
    finish_removal(*pod, result.error(), found->second);
    return on_done_();
  }
  const auto delay = found->second.failures.next(result.error());
  found->second.not_before = clock_.steady_now() + delay;
  const bool expected = result.error().kind == base::ErrorKind::Conflict;
  base::log(
      expected ? base::LogLevel::Debug : base::LogLevel::Warn, "task failed",
      {{"key", task.key}, {"error", result.error().message}, {"retryIn", base::to_string(delay)}});
  // A conflict is not shown: another writer was faster, and a person need not know that.
  if (!expected) snapshot_.set_error(task.key, result.error().message);
  on_done_();
}

void TaskRunner::finish_removal(const migration::RemovePod& pod, const base::Error& error,
                                KeyState& state) {
  const auto delay = state.failures.next(error);
  state.not_before = clock_.steady_now() + delay;
  snapshot_.set_removal(pod.uid, {clock_.now() + delay, error.cause, explain(error), clock_.now()});
  base::log_info("pod not removed",
                 {{"pod", pod.pod.to_string()}, {"node", pod.node}, {"error", error.message}});
}

void TaskRunner::prune() {
  const auto old = clock_.steady_now() - kForgotten;
  std::erase_if(keys_, [&](const auto& entry) {
    const bool forgotten = !entry.second.running && entry.second.not_before < old;
    if (forgotten) snapshot_.set_error(entry.first, {});
    return forgotten;
  });
}

std::set<std::string> TaskRunner::busy() const {
  std::set<std::string> keys;
  const auto now = clock_.steady_now();
  for (const auto& [key, state] : keys_) {
    if (state.running || now < state.not_before) keys.insert(key);
  }
  return keys;
}

std::optional<std::chrono::steady_clock::time_point> TaskRunner::next_free(
    std::chrono::steady_clock::time_point since) const {
  std::optional<std::chrono::steady_clock::time_point> next;
  for (const auto& [key, state] : keys_) {
    if (state.running || state.not_before <= since) continue;
    if (!next || state.not_before < *next) next = state.not_before;
  }
  return next;
}

}  // namespace controller
