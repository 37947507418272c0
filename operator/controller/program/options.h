// The command line.
#pragma once

#include "base/error.h"
#include "base/log.h"
#include "cli/command_line.h"

#include <string>
#include <vector>

namespace controller {

enum class Command { Run, Plan, Version };

struct Options {
  Command command = Command::Run;
  std::string kubeconfig;
  std::string context;
  std::string ns;  // empty: the pod's own, else flannel-migration
  std::string agent_image;
  bool leader_elect = true;
  std::string listen = "127.0.0.1:8080";
  unsigned workers = 8;
  base::LogLevel log_level = base::LogLevel::Info;
  std::string file;  // plan -f
  std::string output = "text";
};

using ParsedOptions = cli::Parsed<Options>;
ParsedOptions parse_options(int argc, const char* const* argv);

}  // namespace controller
