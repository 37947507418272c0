// What happens on one host: pods start and end, agents do their work.
#pragma once

#include "scenario/world.h"

namespace scenario {

// The pod ends; with a grace period of 0 (calico-node's) its object is gone at once.
void terminate(World& world, const std::string& node, const std::string& uid);
void start_agent(World& world, const api::AgentTask& task);
// The host side of an operation, and its report.
api::AgentReport carry_out(World& world, const api::AgentTask& task);
// Gives the pod an address from the network in force; false while none can be given.
bool attach(World& world, const std::string& node, api::Pod& pod);
// As the plugin in force does: what another plugin gave stays.
void detach(World& world, const std::string& node, const api::Pod& pod);

}  // namespace scenario
