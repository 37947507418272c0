#include "agent/options.h"

#include "agent/version.h"
#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using api::AgentOperation;
using parsed::cidr;
using parsed::ip;

namespace {

agent::ParsedOptions parse(const std::vector<std::string>& words) {
  std::vector<const char*> argv = {"flannel-migration-agent"};
  for (const auto& word : words) argv.push_back(word.c_str());
  return agent::parse_options(static_cast<int>(argv.size()), argv.data());
}

api::AgentTask full_task() {
  api::AgentTask task;
  task.operation = AgentOperation::Clean;
  task.node = "n1";
  task.run = 18446744073709551615u;
  task.pod_cidrs = {cidr("10.244.1.0/24"), cidr("fd00:10:244:1::/64")};
  task.vni = 77;
  task.port = 4789;
  task.mtu = 1450;
  task.vtep_mac = "56:1d:8d:30:79:97";
  task.vtep_mac_v6 = "56:1d:8d:30:79:98";
  task.public_ip = "172.18.0.3";
  task.public_ip_v6 = "fc00::3";
  task.cni_config_dir = "/etc/other";
  task.lease_network = "k8s-pod-network";
  task.lease_folder = "/var/lib/cni/other";
  task.container_runtime = "containerd://1.7.13";
  task.block_size = 28;
  task.ipv6_block_size = 124;
  task.peer_blocks = {{cidr("10.244.9.64/28"), ip("10.244.2.0")},
                      {cidr("fd00:10:244:2::1c0/124"), ip("fd00:10:244:2::")}};
  task.route_protocol = 80;
  task.network = api::AgentNetwork::Calico;
  task.peers = {{"n2", ip("10.244.2.0")}, {"n3", ip("fd00::")}};
  task.felix_health_port = 9199;
  task.timeout_seconds = 90;
  return task;
}

}  // namespace

TEST_CASE("the agent understands every task that the operator writes") {
  auto task = full_task();
  task.operation = static_cast<AgentOperation>(
      GENERATE(range(0, static_cast<int>(AgentOperation::Finalize) + 1)));
  const auto parsed = parse(task.arguments());
  CAPTURE(parsed.text);
  REQUIRE(parsed.go_on);
  CHECK(parsed.options.task == task);
}

TEST_CASE("a hand-over is undone by handback") {
  const auto parsed = parse({"handover", "--undo", "--node", "n1"});
  REQUIRE(parsed.go_on);
  CHECK(parsed.options.task.operation == AgentOperation::HandBack);
  CHECK_FALSE(parse({"clean", "--undo", "--node", "n1", "--network", "flannel"}).go_on);
}

TEST_CASE("what a task leaves out has its default") {
  api::AgentTask task;
  task.node = "n1";
  const auto parsed = parse(task.arguments());
  task.cni_config_dir = "/etc/cni/net.d";
  CHECK(parsed.options.task == task);
  CHECK(parsed.options.root == "/");
}

TEST_CASE("a wrong word is named, and ends with code 2") {
  const auto [name, words] = GENERATE(table<std::string, std::vector<std::string>>({
      {"dance: no such command", {"dance"}},
      {"--nodee", {"verify", "--nodee", "x"}},
      {"--node is required", {"verify"}},
      {"--network is required", {"clean", "--node", "x"}},
      {"--peer is required", {"probe", "--node", "x"}},
      {"--network", {"clean", "--node", "x", "--network", "weave"}},
      {"--peer", {"verify", "--node", "x", "--peer", "10.0.0.1"}},
      {"--peer", {"verify", "--node", "x", "--peer", "n2=x"}},
      {"--pod-cidr", {"verify", "--node", "x", "--pod-cidr", "10.0.0.1"}},
      {"--lease-network", {"handback", "--node", "x", "--lease-network", "../x"}},
      {"--timeout", {"verify", "--node", "x", "--timeout", "soon"}},
      {"--vtep-mac", {"verify", "--node", "x", "--vtep-mac", "56:1d"}},
      {"--public-ip-v6", {"verify", "--node", "x", "--public-ip-v6", "fc00"}},
      {"--vni", {"verify", "--node", "x", "--vni", "16777216"}},
      {"--port", {"verify", "--node", "x", "--port", "0"}},
      {"--block-size", {"handback", "--node", "x", "--block-size", "33"}},
      {"--felix-health-port", {"handback", "--node", "x", "--felix-health-port", "65536"}},
  }));
  const auto parsed = parse(words);
  CHECK_FALSE(parsed.go_on);
  CHECK(parsed.exit_code == 2);
  CHECK_THAT(parsed.text, Catch::Contains(name));
}

TEST_CASE("the version is told, by whichever word it is asked for") {
  const auto parsed = parse({"--version"});
  CHECK_FALSE(parsed.go_on);
  CHECK(parsed.exit_code == 0);
  CHECK(parsed.text == std::string(agent::kProgramVersion) + "\n");
}

TEST_CASE("help is no error") {
  const auto parsed = parse({GENERATE("--help", "--help-all")});
  CHECK(parsed.exit_code == 0);
  CHECK_THAT(parsed.text, Catch::Contains("handover"));
}
