// The command line: what api::AgentTask::arguments() renders, and a few settings for people and
// tests.
#pragma once

#include "api/agent.h"
#include "base/time.h"
#include "cli/command_line.h"

#include <optional>
#include <string>

namespace agent {

enum class Command { Run, Version };
// Live renames a device that is up; Down sets it down first, as kernels before Linux 6.2 need it.
enum class RenameMode { Live, Down };

struct Options {
  Command command = Command::Run;
  api::AgentTask task;
  std::string root = "/";
  std::string termination_log;  // empty: the kubelet's, where it is there
  RenameMode rename = RenameMode::Live;
  bool undo = false;                     // handover --undo is handback
  int kill_after = 0;                    // changes; 0: never
  std::optional<base::Duration> settle;  // nullopt: as the operation needs
};

using ParsedOptions = cli::Parsed<Options>;
ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace agent
