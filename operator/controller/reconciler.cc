#include "controller/reconciler.h"

#include "base/log.h"
#include "migration/planner.h"

#include <algorithm>

namespace controller {
namespace {

// Events come in swarms; one plan for all of them.
constexpr std::chrono::milliseconds kCoalesce{10};

}  // namespace

Reconciler::Reconciler(Parts parts, std::function<bool()> may_act)
    : parts_(parts), may_act_(std::move(may_act)), timer_(parts.strand) {}

void Reconciler::schedule() {
  const auto now = parts_.clock.steady_now();
  // The pause between plans is at least three times as long as a plan takes: a large cluster must
  // not keep a core busy with planning.
  schedule_at(std::max(now, last_ + kCoalesce));
}

void Reconciler::schedule_at(std::chrono::steady_clock::time_point when) {
  if (stopped_ || when >= armed_) return;
  armed_ = when;
  timer_.expires_at(when);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // armed for an earlier time
    armed_ = std::chrono::steady_clock::time_point::max();
    reconcile();
  });
}

void Reconciler::stop() {
  stopped_ = true;
  timer_.cancel();
}

void Reconciler::reconcile() {
  if (stopped_ || !may_act_()) return;
  const auto begin = parts_.clock.steady_now();
  parts_.snapshot.set_busy(parts_.tasks.busy());
  migration::Plan plan = migration::plan(parts_.snapshot.state(), parts_.clock.now());
  const std::chrono::duration<double> took = parts_.clock.steady_now() - begin;
  parts_.metrics.count_plan(took.count());
  last_ = parts_.clock.steady_now() +
          std::chrono::duration_cast<std::chrono::steady_clock::duration>(took * 3);
  parts_.pods.want(plan.track);
  parts_.all_pods.want(plan.all_pods);
  write_statuses(plan);
  if (plan.requeue_after) schedule_at(parts_.clock.steady_now() + *plan.requeue_after);
  submit(std::move(plan));
  parts_.statuses.prune();
  parts_.tasks.prune();
  if (const auto next = parts_.tasks.next_free(begin)) schedule_at(*next);
}

// Status first, so that the object says what is being tried.
void Reconciler::write_statuses(const migration::Plan& plan) {
  if (plan.active.empty()) parts_.metrics.forget();
  for (const auto& [name, status] : plan.statuses) {
    const auto* migration = migration::find_migration(parts_.snapshot.state(), name);
    if (migration == nullptr) continue;
    if (name == plan.active) {
      const auto target = migration->spec ? migration->spec->target : api::Target::Calico;
      parts_.metrics.observe(status, target, parts_.clock.now());
    }
    if (const auto again = parts_.statuses.want(*migration, status)) schedule_at(*again);
  }
}

void Reconciler::submit(migration::Plan plan) {
  const auto* active = migration::find_migration(parts_.snapshot.state(), plan.active);
  if (active == nullptr || !active->spec) return;
  const api::AgentSpec agent = active->spec->agent;
  for (auto& task : plan.tasks) {
    base::log_debug("task",
                    {{"key", task.key}, {"first", migration::to_string(task.actions.front())}});
    parts_.tasks.submit(std::move(task), agent);
  }
}

}  // namespace controller
