// Words of the agent's command line and report.
#pragma once

#include "api/agent.h"
#include "api/words.h"

namespace api {

inline constexpr Words<AgentOperation, 10> kAgentOperations = {
    {{AgentOperation::Preflight, "preflight"},
     {AgentOperation::HandOver, "handover"},
     {AgentOperation::HandBack, "handback"},
     {AgentOperation::CutOver, "cutover"},
     {AgentOperation::CutBack, "cutback"},
     {AgentOperation::Verify, "verify"},
     {AgentOperation::Probe, "probe"},
     {AgentOperation::FreeLeases, "freeleases"},
     {AgentOperation::Clean, "clean"},
     {AgentOperation::Finalize, "finalize"}}};
inline constexpr Words<AgentNetwork, 2> kAgentNetworks = {
    {{AgentNetwork::Flannel, "flannel"}, {AgentNetwork::Calico, "calico"}}};
inline constexpr Words<AgentResult, 3> kAgentResults = {{{AgentResult::Succeeded, "Succeeded"},
                                                         {AgentResult::Failed, "Failed"},
                                                         {AgentResult::Refused, "Refused"}}};

}  // namespace api
