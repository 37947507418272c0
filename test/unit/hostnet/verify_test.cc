#include "hostnet/planner.h"
#include "hostnet/tunnel.h"
#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

using a_host::on_calico;
using a_host::on_flannel;
using a_host::task;
using api::AgentOperation;
using hostnet::CniKind;
using hostnet::plan_host;

TEST_CASE("preflight changes nothing and tells what is odd") {
  auto host = on_flannel();
  CHECK(plan_host(host, task(AgentOperation::Preflight)).notes.empty());
  host.cni.clear();
  host.subnet_env.reset();
  const auto plan = plan_host(host, task(AgentOperation::Preflight));
  CHECK(plan.notes == std::vector<std::string>{"there is no /run/flannel/subnet.env",
                                               "no CNI configuration is in force"});
  CHECK(plan.done());
}

TEST_CASE("Canal has no subnet.env on the node: its device tells the MTU") {
  auto host = on_flannel();
  host.subnet_env.reset();
  host.cni = {a_host::conf("10-canal.conflist", CniKind::Canal)};
  CHECK(plan_host(host, task(AgentOperation::Preflight)).notes.empty());
  CHECK(hostnet::tunnel_mtu(host, task(AgentOperation::Preflight)) == 1450);
  CHECK_FALSE(hostnet::tunnel_mtu({}, task(AgentOperation::Preflight)));
}

TEST_CASE("preflight tells what only the running system knows") {
  auto host = on_flannel();
  std::erase_if(host.links, [](const auto& link) { return link.vxlan.has_value(); });
  host.system.vxlan_loaded = false;
  host.system.udp_port_held = true;
  host.system.free_bytes = {{"/etc/cni/net.d", 4096}, {"/run/flannel", 1u << 20}};
  const auto plan = plan_host(host, task(AgentOperation::Preflight));
  CHECK(plan.notes == std::vector<std::string>{
                          "there is no device flannel.1", "the kernel's VXLAN part is not loaded",
                          "a process has UDP port 8472", "4096 bytes left in /etc/cni/net.d"});
}

TEST_CASE("a port that the kernel's own tunnel has is held by nobody else") {
  auto host = on_flannel();
  host.system.vxlan_loaded = false;
  host.system.udp_port_held = true;
  CHECK(plan_host(host, task(AgentOperation::Preflight)).notes.empty());
}

TEST_CASE("preflight tells what there is") {
  auto host = on_flannel();
  host.runtime_sockets = {"/run/containerd/containerd.sock"};
  host.subnet_env = "FLANNEL_IPMASQ=true\n";
  const auto told = plan_host(host, task(AgentOperation::Preflight)).facts;
  CHECK(told == std::vector<std::string>{"container runtime: /run/containerd/containerd.sock",
                                         "CNI files: 10-flannel.conflist",
                                         "tunnels: flannel.1 MTU 1450", "masquerade: true"});
  auto named = task(AgentOperation::Preflight);
  named.container_runtime = "cri-o://1.28.1";
  CHECK(plan_host(host, named).facts.front() == "container runtime: cri-o://1.28.1");
  const auto nothing = plan_host({}, task(AgentOperation::Preflight)).facts;
  CHECK(nothing ==
        std::vector<std::string>{"container runtime: none", "CNI files: none", "tunnels: none"});
}

TEST_CASE("probe asks through whichever device is there, and waits only for that") {
  auto ask = task(AgentOperation::Probe);
  ask.peers = {{"n2", parsed::ip("10.244.2.0")}};
  auto host = on_calico();
  host.cni.clear();
  a_host::link(host, "vxlan.calico")->mtu = 1400;
  CHECK(plan_host(host, ask).done());
  CHECK(plan_host(on_flannel(), ask).done());
  CHECK(plan_host({}, ask).waiting == "there is no device vxlan.calico");
  ask.peers.clear();
  CHECK(plan_host({}, ask).done());
}

TEST_CASE("a meta plugin in front of Calico's configuration is no reason to wait") {
  auto ask = task(AgentOperation::Verify);
  ask.network = api::AgentNetwork::Calico;
  auto host = on_calico();
  host.cni.insert(host.cni.begin(), a_host::conf("00-multus.conf", CniKind::Other));
  CHECK(plan_host(host, ask).done());
  host.cni.insert(host.cni.begin() + 1, a_host::conf("05-old.conflist", CniKind::Flannel));
  CHECK(plan_host(host, ask).waiting == "CNI configuration 05-old.conflist is in force");
}

TEST_CASE("verify waits for the device, its state and the configuration") {
  auto ask = task(AgentOperation::Verify);
  ask.network = api::AgentNetwork::Calico;
  CHECK(plan_host(on_calico(), ask).done());
  auto host = on_calico();
  host.memory.devices[net::Family::V4].index = 99;
  CHECK_THAT(plan_host(host, ask).waiting, Catch::Contains("not the device that was handed over"));
  CHECK_THAT(plan_host(on_flannel(), ask).waiting, Catch::Contains("flannel.1 is there"));
  ask.network = api::AgentNetwork::Flannel;
  CHECK(plan_host(on_flannel(), ask).done());
}
