// What the command lines of both programs have in common: sub-commands by CLI11, a wrong one named,
// exit code 2 for wrong usage.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// What main() does with a command line: go on, or print `text` and exit with `exit_code`.
struct Verdict {
  bool go_on = true;
  int exit_code = 0;
  std::string text;
};

// `words` without the program's name. `wanted` ends the sentence about a sub-command that there is
// not.
Verdict parse(CLI::App& app, std::vector<std::string> words, const std::string& wanted);

template <typename Options>
struct Parsed : Verdict {
  Options options;
};

}  // namespace cli
