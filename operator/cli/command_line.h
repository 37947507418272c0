// The common part of both programs' command lines: sub-commands by CLI11, an error that names a
// wrong one, exit code 2 for wrong usage.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cli {

// Tells main() to go on, or to print `text` and exit with `exit_code`.
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
