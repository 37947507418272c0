#include "cli/command_line.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <sstream>

namespace cli {
namespace {

constexpr int kUsageError = 2;

Verdict ended(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  const int code = app.exit(error, out, err);
  return {.go_on = false, .exit_code = code == 0 ? 0 : kUsageError, .text = out.str() + err.str()};
}

bool has_command(const CLI::App& app, const std::string& name) {
  return !app.get_subcommands([&](const CLI::App* one) { return one->get_name() == name; }).empty();
}

}  // namespace

Verdict parse(CLI::App& app, std::vector<std::string> words, const std::string& wanted) {
  if (!words.empty() && !words[0].starts_with('-') && !has_command(app, words[0]))
    return {.go_on = false,
            .exit_code = kUsageError,
            .text = words[0] + ": no such command; " + wanted + "\n"};
  try {
    std::reverse(words.begin(), words.end());  // as CLI11 wants them
    app.parse(std::move(words));
  } catch (const CLI::ParseError& error) {
    return ended(app, error);
  }
  return {};
}

}  // namespace cli
