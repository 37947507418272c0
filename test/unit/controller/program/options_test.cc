#include "controller/program/options.h"

#include <catch2/catch.hpp>

using namespace controller;

namespace {

ParsedOptions parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "flannel-migration-operator");
  return parse_options(static_cast<int>(arguments.size()), arguments.data());
}

}  // namespace

TEST_CASE("without flags the defaults of the documentation hold") {
  const auto parsed = parse({"run"});
  CHECK(parsed.go_on);
  const auto& options = parsed.options;
  CHECK(options.command == Command::Run);
  CHECK(options.leader_elect);
  CHECK(options.listen == "127.0.0.1:8080");
  CHECK(options.workers == 8);
  CHECK(options.log_level == base::LogLevel::Info);
  CHECK(options.ns.empty());
}

TEST_CASE("every flag of run reaches the options") {
  const auto parsed = parse({"run", "--kubeconfig", "/k", "--context=c", "--namespace", "n",
                             "--agent-image", "i", "--leader-elect=false", "--listen", ":9090",
                             "--workers", "3", "--log-level", "Debug"});
  INFO(parsed.text);
  REQUIRE(parsed.go_on);
  CHECK(parsed.options.kubeconfig == "/k");
  CHECK(parsed.options.context == "c");
  CHECK(parsed.options.ns == "n");
  CHECK(parsed.options.agent_image == "i");
  CHECK_FALSE(parsed.options.leader_elect);
  CHECK(parsed.options.listen == ":9090");
  CHECK(parsed.options.workers == 3);
  CHECK(parsed.options.log_level == base::LogLevel::Debug);
}

TEST_CASE("an empty --listen is taken as it is") {
  for (const auto& arguments : {std::vector<const char*>{"run", "--listen", ""},
                                std::vector<const char*>{"run", "--listen="}}) {
    const auto parsed = parse(arguments);
    CAPTURE(arguments.size(), parsed.text);
    CHECK(parsed.go_on);
    CHECK(parsed.options.listen.empty());
  }
}

TEST_CASE("every flag of plan reaches the options") {
  const auto parsed =
      parse({"plan", "-f", "cr.yaml", "-o", "json", "--kubeconfig", "/k", "--namespace", "n"});
  REQUIRE(parsed.go_on);
  CHECK(parsed.options.command == Command::Plan);
  CHECK(parsed.options.file == "cr.yaml");
  CHECK(parsed.options.output == "json");
  CHECK(parsed.options.kubeconfig == "/k");
  CHECK(parsed.options.ns == "n");
  CHECK(parse({"plan", "-f", "-"}).options.file == "-");
  CHECK(parse({"version"}).options.command == Command::Version);
}

TEST_CASE("a log level is known by its name") {
  const std::pair<const char*, base::LogLevel> rows[] = {{"debug", base::LogLevel::Debug},
                                                         {"info", base::LogLevel::Info},
                                                         {"warn", base::LogLevel::Warn},
                                                         {"error", base::LogLevel::Error}};
  for (const auto& [text, level] : rows) {
    CAPTURE(text);
    CHECK(parse({"run", "--log-level", text}).options.log_level == level);
  }
}

TEST_CASE("help names every flag and is no error") {
  struct Row {
    std::vector<const char*> arguments;
    std::vector<std::string> named;
  };
  const Row rows[] = {
      {{"--help"}, {"run", "plan", "version", "--help-all"}},
      {{"run", "--help"},
       {"--kubeconfig", "--context", "--namespace", "--agent-image", "--leader-elect", "--listen",
        "--workers", "--log-level", "127.0.0.1:8080", "LEVEL=info"}},
      {{"plan", "--help"}, {"--kubeconfig", "--context", "--namespace", "--filename", "--output"}},
      {{"--help-all"}, {"--agent-image", "--filename"}},
      {{"--version"}, {"."}},
  };
  for (const auto& row : rows) {
    const auto parsed = parse(row.arguments);
    CHECK_FALSE(parsed.go_on);
    CHECK(parsed.exit_code == 0);
    for (const auto& name : row.named) CHECK_THAT(parsed.text, Catch::Contains(name));
  }
}

TEST_CASE("what is wrong on the command line is named, with exit code 2") {
  struct Row {
    std::vector<const char*> arguments;
    const char* named;
  };
  const Row rows[] = {
      {{}, "subcommand"},
      {{"walk"}, "walk"},
      {{"run", "--bogus"}, "--bogus"},
      {{"run", "--workers", "0"}, "--workers"},
      {{"run", "--workers", "65"}, "--workers"},
      {{"run", "--workers", "many"}, "--workers"},
      {{"run", "--workers"}, "--workers"},
      {{"run", "--leader-elect=maybe"}, "--leader-elect"},
      {{"run", "--log-level", "loud"}, "--log-level"},
      {{"run", "stray"}, "stray"},
      {{"plan"}, "--filename"},
      {{"plan", "--bogus"}, "--bogus"},
      {{"plan", "-f", "x", "-o", "xml"}, "--output"},
      {{"run", "-f", "x"}, "-f"},
  };
  for (const auto& row : rows) {
    const auto parsed = parse(row.arguments);
    CAPTURE(row.named, parsed.text);
    CHECK_FALSE(parsed.go_on);
    CHECK(parsed.exit_code == 2);
    CHECK_THAT(parsed.text, Catch::Contains(row.named));
  }
}
