// The pod that carries out one agent task on one node.
#pragma once

#include "api/agent.h"
#include "api/migration_spec.h"

#include <string>

namespace controller {

struct AgentPodOptions {
  std::string ns;
  std::string image;
  api::AgentSpec spec;
};

// "fm-handover-<hash of the node name>-<run>": the same task has the same name, so that it cannot
// run twice.
std::string agent_pod_name(const api::AgentTask& task);
// Body for create: no privileged flag, no API token, no restart; a deadline that the kubelet
// enforces.
std::string render_agent_pod(const api::AgentTask& task, const AgentPodOptions& options);

}  // namespace controller
