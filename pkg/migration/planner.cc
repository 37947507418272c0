#include "migration/planner.h"

#include "api/names.h"
#include "migration/facts/unseen.h"
#include "migration/node/agent_step.h"
#include "migration/preflight/preflight.h"
#include "migration/stages/prepare.h"
#include "migration/stages/removed_nodes.h"
#include "migration/stages/restore.h"
#include "migration/stages/stages.h"
#include "migration/status/status.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

// The oldest migration is active; of two of the same second the first by name.
const api::FlannelMigration* choose_active(const ClusterState& cluster) {
  const api::FlannelMigration* active = nullptr;
  const auto older = [](const auto& a, const auto& b) {
    return std::pair(a.meta.created, a.meta.name) < std::pair(b.meta.created, b.meta.name);
  };
  for (const auto& migration : cluster.migrations) {
    if (active == nullptr || older(migration, *active)) active = &migration;
  }
  return active;
}

SetFinalizer without_finalizer(const api::FlannelMigration& migration) {
  SetFinalizer action{migration.meta.name, migration.meta.resource_version,
                      migration.meta.finalizers};
  std::erase(action.finalizers, std::string(api::kFinalizer));
  return action;
}

// Letting go of an object needs nothing of its spec but a direction.
api::FlannelMigration with_default_spec(api::FlannelMigration migration) {
  migration.spec = api::MigrationSpec{};
  return migration;
}

class Planner {
 public:
  // `active` is not needed after run().
  Planner(const ClusterState& cluster, const api::FlannelMigration& active, base::TimePoint now)
      : survey_(take_survey(cluster, active, now)), builder_(survey_) {}

  Plan run() {
    const Network goal = network_of(survey_.spec.target);
    const bool first = !survey_.begun() && goal == Network::Calico;
    if (waits_for_lists(survey_)) return stand_still(survey_.migration.status);
    findings_ = first ? run_preflight(survey_) : run_guards(survey_);
    if (is_blind()) return stand_still(blind_status(survey_, findings_));
    holding_ = holds();
    if (first && !holding_ && !all_is_seen()) return look_at_pods();
    if (survey_.begun() && !holding_) forget_replaced_nodes(builder_);
    const StageReport stage = act(goal);
    drop_finished_agents(stage);
    drop_used_approval(goal, stage);
    if (!stage.outcome.is_ready()) builder_.track_all_pods();
    if (survey_.begun() && !holding_) forget_removed_nodes(builder_, stage.outcome.is_ready());
    return finish(make_status({survey_, findings_, stage, holding_, last_error()}));
  }

 private:
  // Only errors of tasks that are still wanted count; their key is busy. After the node is deleted
  // or the spec changed no task is tried again, and its error no longer matters.
  std::string last_error() const {
    for (const auto& [key, error] : survey_.cluster.errors) {
      if (builder_.busy(key)) return fmt::format("{}: {}", key, error);
    }
    return {};
  }

  Plan finish(api::MigrationStatus status) {
    Plan plan = std::move(builder_).take();
    plan.active = survey_.migration.meta.name;
    plan.statuses[plan.active] = std::move(status);
    return plan;
  }

  // A deleted object that has begun nothing may go although something is unseen.
  bool is_blind() const {
    if (needed_but_unseen(survey_).empty()) return false;
    const bool nothing_to_lose =
        survey_.migration.meta.deleting && !survey_.begun() &&
        survey_.cluster.unseen.count(unseen_originals(survey_.cluster)) == 0;
    return !nothing_to_lose;
  }

  // Writes nothing while a kind is unseen, and leaves nodes out of service where they are: unseen
  // objects may exist. Pods that are known are followed on.
  Plan stand_still(api::MigrationStatus status) {
    for (const auto& [name, node] : survey_.cluster.nodes) {
      if (node.pods) builder_.track(name);
    }
    if (survey_.cluster.lone_pods) builder_.track_all_pods();
    return finish(std::move(status));
  }

  // Findings that block make the look at every pod unnecessary.
  bool all_is_seen() const { return survey_.cluster.lone_pods || blocks(findings_); }

  // Reads all pods before the migration begins. The status from before a restart stays meanwhile.
  Plan look_at_pods() {
    builder_.track_all_pods();
    const auto& last = survey_.migration.status;
    if (last.phase != api::Phase::Pending && last.phase != api::Phase::Preflight)
      return finish(last);
    StageReport stage;
    stage.phase = api::Phase::Preflight;
    stage.outcome = Outcome::waiting("reading the cluster's pods");
    return finish(make_status({survey_, findings_, stage, false}));
  }

  bool holds() const {
    if (survey_.migration.meta.deleting) return true;
    if (blocks(findings_)) return false;
    return survey_.cluster.dry_run || survey_.spec.paused || survey_.spec.mode == api::Mode::Plan;
  }

  StageReport act(Network goal) {
    if (survey_.migration.meta.deleting) return leave(goal);
    if (blocks(findings_)) return stopped(goal);
    if (holding_) return paused(goal);
    StageReport stage = towards(goal, builder_);
    finish_nodes(goal, stage);
    return stage;
  }

  // A stage that is stuck must not keep nodes out of service: they are finished anyway.
  void finish_nodes(Network goal, StageReport& stage) {
    const bool failing = survey_.cluster.errors.contains(std::string(kClusterKey)) &&
                         builder_.busy(std::string(kClusterKey));
    const bool stuck = stage.outcome.is_blocked() || failing;
    if (stuck && !stage.rollout) stage.rollout = hold_nodes(goal).rollout;
  }

  static StageReport towards(Network goal, PlanBuilder& builder) {
    return goal == Network::Calico ? towards_calico(builder) : towards_flannel(builder);
  }

  bool anything_out() const {
    return std::any_of(survey_.nodes.begin(), survey_.nodes.end(),
                       [](const auto& node) { return node.out(); });
  }

  // Writes to nodes are not seen yet, and if the answer is lost, it is not even known whether they
  // were made.
  bool nodes_are_being_written() const {
    return std::any_of(survey_.nodes.begin(), survey_.nodes.end(), [this](const auto& node) {
      return survey_.cluster.busy.contains(node_key(node.name));
    });
  }

  StageReport hold_nodes(Network goal) {
    if (!survey_.begun()) return {};
    return hold(builder_, goal);
  }

  // The object is being deleted: nodes in flight reach a safe end, then it may go.
  StageReport leave(Network goal) {
    StageReport stage = hold_nodes(goal);
    stage.outcome = Outcome::waiting("being deleted: nodes out of service are brought back first");
    if (api::has_finalizer(survey_.migration.meta.finalizers) &&
        !(survey_.begun() && (anything_out() || nodes_are_being_written()))) {
      let_go();
    }
    return stage;
  }

  void let_go() {
    std::vector<Action> actions;
    if (agents_are_left(survey_)) actions.emplace_back(DeleteAgents{});
    for (auto& action : let_calico_claim(survey_)) actions.push_back(std::move(action));
    actions.emplace_back(without_finalizer(survey_.migration));
    builder_.add(std::string(kClusterKey), std::move(actions));
  }

  StageReport stopped(Network goal) {
    StageReport stage = hold_nodes(goal);
    stage.outcome = Outcome::blocked(message_of(findings_.front()));
    return stage;
  }

  StageReport paused(Network goal) {
    // A goal that is reached stays reached; all other plans of this call are thrown away.
    PlanBuilder aside(survey_);
    StageReport reached = towards(goal, aside);
    if (reached.outcome.is_ready()) return with_dry_run(std::move(reached));
    StageReport stage = hold_nodes(goal);
    stage.ipam_ready = reached.ipam_ready;
    if (is_dry_run()) return with_dry_run(std::move(stage));
    const bool plan_only = survey_.spec.mode == api::Mode::Plan;
    if (anything_out() && survey_.begun()) {
      stage.outcome =
          Outcome::waiting("nodes out of service are brought back, then nothing is done");
    } else {
      stage.outcome = Outcome::waiting(plan_only ? "plan only: set spec.mode to Run to carry it out"
                                                 : "paused: set spec.paused to false to go on");
    }
    return stage;
  }

  // An object of mode Plan asks for no more than a plan, and says itself how to go on.
  bool is_dry_run() const { return survey_.cluster.dry_run && survey_.spec.mode == api::Mode::Run; }

  StageReport with_dry_run(StageReport stage) const {
    if (!is_dry_run()) return stage;
    const auto& reached = stage.outcome.message;
    stage.outcome.message = fmt::format("{}{}nothing was written; {}", reached,
                                        reached.empty() ? "" : "; ", *survey_.cluster.dry_run);
    return stage;
  }

  // Deletes the agents' reports of nodes that rest, as they are not needed now.
  void drop_finished_agents(const StageReport& stage) {
    if (!stage.rollout || holding_ || stage.outcome.is_blocked()) return;
    for (const auto& node : survey_.nodes) {
      const auto& agents = node.state->agents;
      const bool finished = std::all_of(agents.begin(), agents.end(),
                                        [](const auto& entry) { return entry.second.finished(); });
      if (node.resting() && !node.out() && !agents.empty() && finished) {
        builder_.add(node_key(node.name), DeleteAgents{node.name});
      }
    }
  }

  // An approval is given for one migration: the next one asks again.
  void drop_used_approval(Network goal, const StageReport& stage) {
    const auto& meta = survey_.migration.meta;
    if (holding_ || stage.outcome.is_blocked() ||
        meta.annotation(api::kApproveAnnotation) == nullptr)
      return;
    if (goal == Network::Flannel) {
      drop_approval("the way back to flannel needs none");
    } else if (stage.outcome.is_ready()) {
      drop_approval("it was given for the migration that is complete now");
    }
  }

  void drop_approval(std::string why) {
    builder_.add(std::string(kMigrationKey),
                 DropApproval{survey_.migration.meta.name, std::move(why)});
  }

  Survey survey_;
  PlanBuilder builder_;
  Findings findings_;
  bool holding_ = false;
};

}  // namespace

Plan plan(const ClusterState& cluster, base::TimePoint now) {
  const auto* active = choose_active(cluster);
  if (active == nullptr) return {};
  Plan result;
  if (active->spec) {
    result = Planner(cluster, *active, now).run();
  } else if (active->meta.deleting) {
    result = Planner(cluster, with_default_spec(*active), now).run();
  } else {
    result.active = active->meta.name;
    result.statuses[result.active] = refused_status(*active, active->spec.error().message, now);
  }
  for (const auto& migration : cluster.migrations) {
    if (&migration == active) continue;
    result.statuses[migration.meta.name] = standby_status(migration, active->meta.name, now);
  }
  return result;
}

}  // namespace migration
