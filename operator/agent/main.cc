#include "agent/app.h"
#include "agent/descriptor.h"
#include "agent/options.h"
#include "agent/version.h"
#include "base/log.h"

#include <fcntl.h>

#include <iostream>

namespace {

constexpr const char* kKubeletsFile = "/dev/termination-log";
constexpr int kRefused = 3;

// The kubelet has created its file; a file that was named on the command line is created here.
void leave_report(const std::string& wanted, const std::string& text) {
  const int make = wanted.empty() ? 0 : O_CREAT;
  const agent::Descriptor file(open(wanted.empty() ? kKubeletsFile : wanted.c_str(),
                                    O_WRONLY | O_TRUNC | O_CLOEXEC | make, 0644));
  if (file.is_open() && write(file.get(), text.data(), text.size()) < 0)
    std::cerr << "the report could not be written\n";
}

int exit_code(api::AgentResult result) {
  switch (result) {
    case api::AgentResult::Succeeded:
      return 0;
    case api::AgentResult::Failed:
      return 1;
    case api::AgentResult::Refused:
      return kRefused;
  }
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto parsed = agent::parse_options(argc, argv);
  if (!parsed.go_on) {
    (parsed.exit_code == 0 ? std::cout : std::cerr) << parsed.text;
    return parsed.exit_code;
  }
  if (parsed.options.command == agent::Command::Version) {
    std::cout << agent::kProgramVersion << "\n";
    return 0;
  }
  base::init_log(base::LogLevel::Info);
  const auto outcome = agent::run_task(parsed.options, base::SystemClock());
  leave_report(parsed.options.termination_log, outcome.text);
  std::cout << outcome.text << "\n";
  return exit_code(outcome.report.result);
}
