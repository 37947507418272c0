#include "controller/program/options.h"

#include "controller/program/version.h"

#include <CLI/CLI.hpp>

#include <map>

namespace controller {
namespace {

const std::map<std::string, base::LogLevel> kLevels = {{"debug", base::LogLevel::Debug},
                                                       {"info", base::LogLevel::Info},
                                                       {"warn", base::LogLevel::Warn},
                                                       {"error", base::LogLevel::Error}};

void add_connection(CLI::App& app, Options& options) {
  app.add_option("--kubeconfig", options.kubeconfig,
                 "kubeconfig file; without it $KUBECONFIG, inside a pod its ServiceAccount, else "
                 "~/.kube/config")
      ->type_name("FILE");
  app.add_option("--context", options.context,
                 "context of the kubeconfig; default its current-context")
      ->type_name("NAME");
  app.add_option("--namespace", options.ns,
                 "namespace of agent pods, saved originals and lease; default the pod's own, else "
                 "flannel-migration")
      ->type_name("NS");
}

void add_run(CLI::App& app, Options& options) {
  auto* run = app.add_subcommand("run", "watch FlannelMigrations and carry them out");
  add_connection(*run, options);
  run->add_option("--agent-image", options.agent_image,
                  "image of agent pods, where spec.agent.image names none")
      ->type_name("IMAGE");
  run->add_option("--leader-elect", options.leader_elect,
                  "only act while holding the lease (true or false)")
      ->capture_default_str();
  run->add_option("--listen", options.listen,
                  "address of /healthz, /readyz and /metrics; empty for none")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  run->add_option("--workers", options.workers, "requests on their way at the same time")
      ->check(CLI::Range(1, 64))
      ->capture_default_str();
  run->add_option("--log-level", options.log_level,
                  "least level that is logged: debug, info, warn, error")
      ->transform(CLI::CheckedTransformer(kLevels, CLI::ignore_case).description(""))
      ->type_name("LEVEL")
      ->default_str("info");
  run->callback([&options] { options.command = Command::Run; });
}

void add_plan(CLI::App& app, Options& options) {
  auto* plan =
      app.add_subcommand("plan", "print preflight and plan of a FlannelMigration; writes nothing");
  add_connection(*plan, options);
  plan->add_option("-f,--filename", options.file,
                   "the FlannelMigration, YAML or JSON; - for standard input")
      ->type_name("FILE REQUIRED");
  plan->add_option("-o,--output", options.output, "text or json")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  plan->footer(
      "Exit status: 0 when nothing is in the way, 1 when something is, 2 when nothing was planned: "
      "a wrong\nFlannelMigration, an unknown option, or an API server that does not answer.");
  // CLI11's own check would come before an unknown option is named.
  plan->callback([&options] {
    if (options.file.empty()) throw CLI::RequiredError("--filename");
    options.command = Command::Plan;
  });
}

// CLI11 takes "--listen=" for an option without its value; as two words it is an empty one.
std::vector<std::string> split_words(int argc, const char* const* argv) {
  std::vector<std::string> words;
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    const bool is_empty = word.starts_with("--") && word.find('=') == word.size() - 1;
    words.emplace_back(is_empty ? word.substr(0, word.size() - 1) : word);
    if (is_empty) words.emplace_back();
  }
  return words;
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  ParsedOptions parsed;
  CLI::App app("Moves a cluster's pod network from flannel to Calico, node by node, and back.",
               "flannel-migration-operator");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kProgramVersion), "print the version");
  app.set_help_all_flag("--help-all", "help of all subcommands");
  add_run(app, parsed.options);
  add_plan(app, parsed.options);
  app.add_subcommand("version", "print the version")->callback([&parsed] {
    parsed.options.command = Command::Version;
  });
  static_cast<cli::Verdict&>(parsed) =
      cli::parse(app, split_words(argc, argv), "wanted run, plan or version");
  return parsed;
}

}  // namespace controller
