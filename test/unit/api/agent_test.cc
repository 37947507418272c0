#include "api/agent.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using api::AgentOperation;
using parsed::cidr;
using parsed::ip;

TEST_CASE("every operation is read back from its word") {
  for (int i = 0; i <= static_cast<int>(AgentOperation::Finalize); ++i) {
    const auto operation = static_cast<AgentOperation>(i);
    CHECK_FALSE(api::to_string(operation).empty());
    CHECK(api::parse_agent_operation(api::to_string(operation)) == operation);
  }
  CHECK(api::to_string(AgentOperation::HandOver) == "handover");
  CHECK_FALSE(api::parse_agent_operation(""));
  CHECK_FALSE(api::parse_agent_operation("HandOver"));
}

TEST_CASE("a task is a command line") {
  api::AgentTask task;
  task.operation = AgentOperation::Clean;
  task.node = "n1";
  task.run = 3;
  task.pod_cidrs = {cidr("10.244.1.0/24"), cidr("fd00:10:244:1::/64")};
  task.mtu = 1450;
  task.vtep_mac = "56:1d:8d:30:79:97";
  task.vtep_mac_v6 = "56:1d:8d:30:79:98";
  task.public_ip = "172.18.0.3";
  task.public_ip_v6 = "fc00::3";
  task.cni_config_dir = "/etc/cni/net.d";
  task.lease_network = "k8s-pod-network";
  task.lease_folder = "/var/lib/cni/other";
  task.container_runtime = "containerd://1.7.13";
  task.block_size = 30;
  task.ipv6_block_size = 126;
  task.peer_blocks = {{cidr("fd00:10:244:2::1c0/126"), ip("fd00:10:244:2::")}};
  task.route_protocol = 80;
  task.network = api::AgentNetwork::Calico;
  task.peers = {{"n2", ip("10.244.2.0")}, {"n3", ip("fd00::")}};
  task.felix_health_port = 9199;
  task.timeout_seconds = 90;
  CHECK(task.arguments() == std::vector<std::string>{"clean",
                                                     "--node",
                                                     "n1",
                                                     "--run",
                                                     "3",
                                                     "--vni",
                                                     "1",
                                                     "--port",
                                                     "8472",
                                                     "--mtu",
                                                     "1450",
                                                     "--pod-cidr",
                                                     "10.244.1.0/24",
                                                     "--pod-cidr",
                                                     "fd00:10:244:1::/64",
                                                     "--vtep-mac",
                                                     "56:1d:8d:30:79:97",
                                                     "--vtep-mac-v6",
                                                     "56:1d:8d:30:79:98",
                                                     "--public-ip",
                                                     "172.18.0.3",
                                                     "--public-ip-v6",
                                                     "fc00::3",
                                                     "--cni-config-dir",
                                                     "/etc/cni/net.d",
                                                     "--lease-network",
                                                     "k8s-pod-network",
                                                     "--lease-folder",
                                                     "/var/lib/cni/other",
                                                     "--container-runtime",
                                                     "containerd://1.7.13",
                                                     "--block-size",
                                                     "30",
                                                     "--ipv6-block-size",
                                                     "126",
                                                     "--peer-block",
                                                     "fd00:10:244:2::1c0/126=fd00:10:244:2::",
                                                     "--route-protocol",
                                                     "80",
                                                     "--network",
                                                     "calico",
                                                     "--peer",
                                                     "n2=10.244.2.0",
                                                     "--peer",
                                                     "n3=fd00::",
                                                     "--felix-health-port",
                                                     "9199",
                                                     "--timeout",
                                                     "90s"});
}

TEST_CASE("what a task does not set is not on the command line") {
  api::AgentTask task;
  task.node = "n1";
  CHECK(task.arguments() == std::vector<std::string>{"preflight", "--node", "n1", "--run", "0",
                                                     "--vni", "1", "--port", "8472", "--block-size",
                                                     "26", "--ipv6-block-size", "122",
                                                     "--route-protocol", "3", "--felix-health-port",
                                                     "9099", "--timeout", "120s"});
}

TEST_CASE("offsets are written as ranges and read back") {
  const auto [offsets, text] = GENERATE(table<std::set<std::uint64_t>, std::string>({
      {std::set<std::uint64_t>{}, ""},
      {std::set<std::uint64_t>{0}, "0"},
      {{2, 3, 4, 5, 9}, "2-5,9"},
      {{1, 3}, "1,3"},
      {{1, 2}, "1-2"},
      {{18446744073709551614u, 18446744073709551615u}, "18446744073709551614-18446744073709551615"},
  }));
  CAPTURE(text);
  CHECK(api::format_offsets(offsets) == text);
  CHECK(api::parse_offsets(text, 10) == offsets);
}

TEST_CASE("offsets that overlap count once") {
  CHECK(api::parse_offsets("1-3,2-4,4", 4) == std::set<std::uint64_t>{1, 2, 3, 4});
}

TEST_CASE("offsets that are none, or too many, are refused") {
  const std::string text =
      GENERATE("x", "-", "1-", "-1", "3-2", "1,,2", "1,", ",1", "1 ", "+1", "0x1", "1-2-3",
               "18446744073709551616", "0-18446744073709551615", "1-11", "1-6,11-16", "1.5");
  CAPTURE(text);
  const auto offsets = api::parse_offsets(text, 10);
  REQUIRE_FALSE(offsets);
  CHECK(offsets.error().kind == base::ErrorKind::Invalid);
}
