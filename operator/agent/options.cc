#include "agent/options.h"

#include "agent/version.h"
#include "api/agent_words.h"
#include "base/time.h"
#include "net/mac_address.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace agent {
namespace {

constexpr std::array<std::pair<api::AgentOperation, const char*>, 10> kDescriptions = {{
    {api::AgentOperation::Preflight, "look only: device, files, subnet.env"},
    {api::AgentOperation::HandOver, "flannel's tunnel device becomes Calico's; pods stay"},
    {api::AgentOperation::HandBack, "Calico's tunnel device becomes flannel's; pods stay"},
    {api::AgentOperation::CutOver, "delete flannel's devices"},
    {api::AgentOperation::CutBack, "delete Calico's devices"},
    {api::AgentOperation::Verify, "check the device and probe the peers"},
    {api::AgentOperation::Probe, "probe the peers alone, through whichever device is there"},
    {api::AgentOperation::FreeLeases, "remove leases that handback wrote for pods that are gone"},
    {api::AgentOperation::Clean, "remove what the network that was left behind still owns"},
    {api::AgentOperation::Finalize, "remove flannel's remaining files and rules"},
}};

// Hands the value to `parse`, and names the option if `parse` refuses it.
template <typename T>
T parsed(const char* option, const base::Result<T>& result) {
  if (!result) throw CLI::ValidationError(option, result.error().message);
  return *result;
}

// Returns, for CLI11, what is wrong with a value, or an empty text.
template <typename T>
std::string complaint(const std::string& text) {
  const auto result = T::parse(text);
  return result ? std::string() : result.error().message;
}

api::AgentPeer parse_peer(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0)
    throw CLI::ValidationError("--peer", "'" + text + "' is not NODE=ADDRESS");
  return {text.substr(0, equals),
          parsed("--peer", net::IpAddress::parse(std::string_view(text).substr(equals + 1)))};
}

api::AgentPeerBlock parse_peer_block(const std::string& text) {
  const auto equals = std::min(text.find('='), text.size());
  const std::string_view whole(text);
  const auto block = parsed("--peer-block", net::Cidr::parse(whole.substr(0, equals)));
  const auto vtep = parsed("--peer-block",
                           net::IpAddress::parse(whole.substr(std::min(equals + 1, text.size()))));
  if (block.family() != vtep.family())
    throw CLI::ValidationError("--peer-block", "'" + text + "' is of two address families");
  return {block, vtep};
}

// The network's name becomes the name of a folder.
std::string folder_complaint(const std::string& name) {
  const bool plain = name.find('/') == std::string::npos && !name.starts_with('.');
  return plain ? std::string() : "'" + name + "' is no name of a folder";
}

void add_place(CLI::App& app, api::AgentTask& task) {
  app.add_option("--node", task.node, "name of the node, repeated in the report")
      ->type_name("NAME");
  app.add_option("--run", task.run, "number of this run, repeated in the report")
      ->type_name("NUMBER");
  app.add_option_function<std::vector<std::string>>(
         "--pod-cidr",
         [&task](const std::vector<std::string>& all) {
           for (const auto& text : all)
             task.pod_cidrs.push_back(parsed("--pod-cidr", net::Cidr::parse(text)));
         },
         "pod network of this node; once for each address family")
      ->type_name("CIDR");
  app.add_option("--cni-config-dir", task.cni_config_dir, "folder of CNI configuration")
      ->type_name("DIR")
      ->default_str("/etc/cni/net.d");
  app.add_option("--lease-network", task.lease_network,
                 "flannel's CNI network, for where none of its configuration is on the node")
      ->type_name("NAME")
      ->check(&folder_complaint);
  app.add_option("--lease-folder", task.lease_folder,
                 "the same: where host-local has a folder for each network; default its own")
      ->type_name("DIR");
  app.add_option("--container-runtime", task.container_runtime,
                 "as the Node says, e.g. cri-o://1.28.1; looked for on the node when left out")
      ->type_name("NAME");
}

void add_device(CLI::App& app, api::AgentTask& task) {
  app.add_option("--vni", task.vni, "VNI of the tunnel device")
      ->check(CLI::Range(0, 16777215))
      ->capture_default_str();
  app.add_option("--port", task.port, "UDP port of the tunnel device")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option("--mtu", task.mtu,
                 "MTU of the tunnel device; handover sets a larger one down to it; 0: as it is")
      ->check(CLI::Range(0, 65535));
  const auto add = [&app](const char* name, std::string& value, const char* what,
                          const char* type) {
    return app.add_option(name, value, what)->type_name(type);
  };
  add("--vtep-mac", task.vtep_mac, "its MAC, IPv4; not checked when left out", "MAC")
      ->check(&complaint<net::MacAddress>);
  add("--vtep-mac-v6", task.vtep_mac_v6, "the same for IPv6", "MAC")
      ->check(&complaint<net::MacAddress>);
  add("--public-ip", task.public_ip, "its outer address, IPv4; not checked when left out", "IP")
      ->check(&complaint<net::IpAddress>);
  add("--public-ip-v6", task.public_ip_v6, "the same for IPv6", "IP")
      ->check(&complaint<net::IpAddress>);
}

void add_blocks(CLI::App& app, api::AgentTask& task) {
  app.add_option("--block-size", task.block_size, "prefix length of Calico's IPv4 blocks")
      ->check(CLI::Range(20, 32))
      ->capture_default_str();
  app.add_option("--ipv6-block-size", task.ipv6_block_size, "the same for IPv6")
      ->check(CLI::Range(116, 128))
      ->capture_default_str();
  app.add_option_function<std::vector<std::string>>(
         "--peer-block",
         [&task](const std::vector<std::string>& all) {
           for (const auto& text : all) task.peer_blocks.push_back(parse_peer_block(text));
         },
         "handover: a block of a peer that is not among the first ones of its pod network, and the "
         "peer's tunnel address; any number of them")
      ->type_name("CIDR=IP");
  app.add_option("--route-protocol", task.route_protocol,
                 "protocol of Felix's routes to peers (deviceRouteProtocol)")
      ->check(CLI::Range(1, 255))
      ->capture_default_str();
}

void add_work(CLI::App& app, api::AgentTask& task) {
  app.add_option_function<std::string>(
         "--network",
         [&task](const std::string& text) {
           task.network = api::value_of(api::kAgentNetworks, text);
         },
         "clean: whose remains to remove; verify: which network the node is to be on")
      ->check(CLI::IsMember({"flannel", "calico"}));
  app.add_option_function<std::vector<std::string>>(
         "--peer",
         [&task](const std::vector<std::string>& all) {
           for (const auto& text : all) task.peers.push_back(parse_peer(text));
         },
         "verify, probe: a tunnel end point that has to answer; any number of them")
      ->type_name("NODE=IP");
  app.add_option("--felix-health-port", task.felix_health_port,
                 "while something listens there, Felix is alive")
      ->check(CLI::Range(1, 65535))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--timeout",
         [&task](const std::string& text) {
           const auto time = parsed("--timeout", base::parse_duration(text));
           task.timeout_seconds = static_cast<std::uint32_t>(time.count() / 1000);
         },
         "give up after four fifths of it")
      ->type_name("DURATION")
      ->default_str("2m");
}

void add_settings(CLI::App& app, Options& options) {
  app.add_option("--root", options.root, "folder in which all host paths begin")
      ->type_name("DIR")
      ->capture_default_str();
  app.add_option("--termination-log", options.termination_log,
                 "file for the report, beside stdout; default /dev/termination-log if it is there")
      ->type_name("FILE");
  static const std::map<std::string, RenameMode> kModes = {{"live", RenameMode::Live},
                                                           {"down", RenameMode::Down}};
  app.add_option("--rename", options.rename,
                 "live: where the kernel can, without setting the device down; down: never")
      ->transform(CLI::CheckedTransformer(kModes).description(""))
      ->type_name("MODE")
      ->default_str("live");
  app.add_option_function<std::string>(
         "--settle",
         [&options](const std::string& text) {
           options.settle = parsed("--settle", base::parse_duration(text));
         },
         "for how long the host must stay as it is wanted; default as the operation needs, up to "
         "500ms")
      ->type_name("DURATION");
  app.add_option("--kill-after", options.kill_after,
                 "for tests: the agent kills itself after so many changes")
      ->type_name("NUMBER");
}

// --undo is another name for HandBack, which undoes a HandOver from wherever it stopped.
void add_undo(CLI::App& app, Options& options) {
  app.add_flag("--undo", options.undo, "the same as handback, from wherever the hand-over stopped");
}

void add_operation(CLI::App& app, Options& options, api::AgentOperation operation,
                   const char* description) {
  auto* command = app.add_subcommand(std::string(api::to_string(operation)), description);
  add_place(*command, options.task);
  add_device(*command, options.task);
  add_blocks(*command, options.task);
  add_work(*command, options.task);
  add_settings(*command, options);
  if (operation == api::AgentOperation::HandOver) add_undo(*command, options);
  command->callback([&options, operation] {
    options.task.operation = options.undo ? api::AgentOperation::HandBack : operation;
    // The node is checked here and not by the parser, which would complain about it before a
    // misspelt option.
    if (options.task.node.empty()) throw CLI::RequiredError("--node");
    if (operation == api::AgentOperation::Clean && !options.task.network)
      throw CLI::RequiredError("--network");
    if (operation == api::AgentOperation::Probe && options.task.peers.empty())
      throw CLI::RequiredError("--peer");
  });
}

}  // namespace

ParsedOptions parse_options(int argc, const char* const* argv) {
  ParsedOptions parsed;
  CLI::App app("Does one node's part of moving a pod network from flannel to Calico, or back.",
               "flannel-migration-agent");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string(kProgramVersion), "print the version");
  app.set_help_all_flag("--help-all", "help of all commands");
  for (const auto& [operation, description] : kDescriptions)
    add_operation(app, parsed.options, operation, description);
  app.add_subcommand("version", "print the version")->callback([&parsed] {
    parsed.options.command = Command::Version;
  });
  static_cast<cli::Verdict&>(parsed) =
      cli::parse(app, {argv + std::min(argc, 1), argv + argc}, "--help lists them");
  if (parsed.options.task.cni_config_dir.empty())
    parsed.options.task.cni_config_dir = "/etc/cni/net.d";
  return parsed;
}

}  // namespace agent
