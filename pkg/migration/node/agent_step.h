// Runs the agent once on a node: starts it when it is not there, and judges it when it has ended.
#pragma once

#include "api/agent.h"
#include "migration/plan_builder.h"

#include <string>

namespace migration {

struct AgentOutcome {
  enum class State { Waiting, Succeeded, Failed };
  State state = State::Waiting;
  api::AgentReport report = {};  // Succeeded
  std::string message = {};      // what is waited for, or what went wrong
  std::string reason = {};       // machine-readable, of a refusal
  const api::Pod* pod = nullptr;
  bool outdated = false;  // Failed: asked with an MTU that is not the cluster's now
};

// The operation with that run number on the node. Adds the task that starts it unless `start`
// forbids.
enum class Start { Allowed, Forbidden };
AgentOutcome run_agent(PlanBuilder& builder, const NodeView& node, api::AgentTask task,
                       Start start = Start::Allowed);

// The pod of that run; nullptr when there is none.
const api::Pod* find_run(const NodeView& node, api::AgentOperation operation, std::uint64_t run);

// True if there are pods of agents that are not being deleted.
bool agents_are_left(const NodeView& node);
bool agents_are_left(const Survey& survey);

// The parts of a task that are the same for every operation.
api::AgentTask agent_task(const Survey& survey, const NodeView& node, api::AgentOperation operation,
                          std::uint64_t run);

// Peers for Verify: ready nodes that rest on either network, so many of each, beginning behind this
// node's name.
std::vector<api::AgentPeer> choose_peers(const Survey& survey, const NodeView& node);

}  // namespace migration
