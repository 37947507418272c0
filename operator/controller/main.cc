#include "controller/app.h"
#include "controller/plan_command/plan_command.h"
#include "controller/program/options.h"
#include "controller/program/version.h"

#include <iostream>

int main(int argc, char** argv) {
  const auto parsed = controller::parse_options(argc, argv);
  if (!parsed.go_on) {
    (parsed.exit_code == 0 ? std::cout : std::cerr) << parsed.text;
    return parsed.exit_code;
  }
  switch (parsed.options.command) {
    case controller::Command::Run:
      return controller::run_operator(parsed.options);
    case controller::Command::Plan:
      return controller::run_plan(parsed.options);
    case controller::Command::Version:
      std::cout << controller::kProgramVersion << "\n";
      return 0;
  }
  return 0;
}
