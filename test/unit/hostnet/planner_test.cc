#include "hostnet/planner.h"

#include "hostnet/route_steps.h"
#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

#include <algorithm>

using a_host::clean;
using a_host::described;
using a_host::dual_stack;
using a_host::on_calico;
using a_host::on_flannel;
using a_host::run;
using a_host::task;
using api::AgentOperation;
using hostnet::CniKind;
using hostnet::HostState;
using hostnet::plan_host;
using parsed::cidr;
using parsed::ip;

namespace {

std::set<std::string> names(const HostState& host) {
  std::set<std::string> all;
  for (const auto& link : host.links) all.insert(link.name);
  return all;
}

HostState with_dummy(HostState host) {
  host.cni.insert(host.cni.begin(), a_host::conf("10-calico.conflist", CniKind::Dummy));
  return host;
}

// Everything but what is only remembered.
HostState visible(HostState host) {
  host.memory = {};
  host.paths.erase(std::string(hostnet::kSavedDevicesFile));
  std::sort(host.leases.begin(), host.leases.end());
  return host;
}

bool same(const HostState& a, const HostState& b) {
  const auto sorted = [](auto list) {
    std::sort(list.begin(), list.end(), [](const auto& x, const auto& y) {
      return std::pair(x.link, x.destination) < std::pair(y.link, y.destination);
    });
    return list;
  };
  return a.links == b.links && sorted(a.routes) == sorted(b.routes) && a.leases == b.leases &&
         a.cni == b.cni && a.paths == b.paths && a.lease_folders == b.lease_folders &&
         a.memory == b.memory;
}

}  // namespace

TEST_CASE("a hand-over first sees to it that no pod starts half-way") {
  CHECK(described(plan_host(on_flannel(), task(AgentOperation::HandOver))) ==
        std::vector<std::string>{"write /etc/cni/net.d/10-calico.conflist"});
}

TEST_CASE("then it keeps the pods reachable, remembers the device, and renames it") {
  CHECK(described(plan_host(with_dummy(on_flannel()), task(AgentOperation::HandOver))) ==
        std::vector<std::string>{"set route 10.244.1.7/32", "switch on proxy ARP of cni0",
                                 "write /run/flannel/flannel-migration.json",
                                 "rename flannel.1 to vxlan.calico"});
}

TEST_CASE("both address families are handed over") {
  const auto end = run(dual_stack(on_flannel()), dual_stack(task(AgentOperation::HandOver)));
  CHECK(end.plan.done());
  CHECK(names(end.host) ==
        std::set<std::string>{"eth0", "cni0", "veth7", "vxlan.calico", "vxlan-v6.calico"});
}

TEST_CASE("a cluster of IPv6 alone has one tunnel, under its other names") {
  auto host = dual_stack(on_flannel());
  std::erase_if(host.links, [](const auto& link) { return link.name == "flannel.1"; });
  auto ask = dual_stack(task(AgentOperation::HandOver));
  ask.pod_cidrs.erase(ask.pod_cidrs.begin());
  const auto end = run(host, ask);
  CHECK(end.plan.done());
  CHECK(names(end.host) == std::set<std::string>{"eth0", "cni0", "veth7", "vxlan-v6.calico"});
}

TEST_CASE("after a power cut there is nothing to be handed over, and no reason to refuse") {
  auto host = on_flannel();
  std::erase_if(host.links, [](const auto& link) { return link.name != "eth0"; });
  std::erase_if(host.addresses, [](const auto& one) { return one.link != a_host::kEth0; });
  host.routes.clear();
  host.neighbours.clear();
  host.fdb.clear();
  CHECK(run(host, task(AgentOperation::HandOver)).plan.done());
}

TEST_CASE("where pods live, a tunnel that is missing is a reason to refuse") {
  auto host = on_flannel();
  std::erase_if(host.links, [](const auto& link) { return link.name == "flannel.1"; });
  CHECK(plan_host(host, task(AgentOperation::HandOver)).refusal->message ==
        "there is no device flannel.1");
}

TEST_CASE("an address family that flannel does not serve is none of the hand-over's") {
  auto ask = task(AgentOperation::HandOver);
  ask.pod_cidrs.push_back(cidr("fd00:10:244:1::/64"));
  CHECK(run(on_flannel(), ask).plan.done());
  CHECK(plan_host(on_flannel(), dual_stack(ask)).refusal->message ==
        "there is no device flannel-v6.1");
}

TEST_CASE("whatever was done before, an operation arrives at the same end") {
  const auto [operation, from_calico] = GENERATE(table<AgentOperation, bool>({
      {AgentOperation::HandOver, false},
      {AgentOperation::HandBack, false},
      {AgentOperation::HandBack, true},
      {AgentOperation::CutOver, false},
      {AgentOperation::CutBack, true},
      {AgentOperation::Finalize, true},
  }));
  const auto begin = from_calico ? on_calico() : on_flannel();
  const auto whole = run(begin, task(operation));
  CAPTURE(api::to_string(operation), from_calico, whole.plan.waiting);
  REQUIRE(whole.plan.done());
  for (std::size_t limit = 0; limit <= whole.changes; ++limit) {
    const auto killed = run(begin, task(operation), limit);
    const auto again = run(killed.host, task(operation));
    CHECK(again.plan.done());
    CHECK(same(again.host, whole.host));
  }
}

TEST_CASE("a hand-back undoes a hand-over from each of its changes") {
  const auto begin = visible(on_flannel());
  const auto whole = run(begin, task(AgentOperation::HandOver));
  for (std::size_t limit = 0; limit <= whole.changes; ++limit) {
    const auto killed = run(begin, task(AgentOperation::HandOver), limit);
    CHECK(same(visible(run(killed.host, task(AgentOperation::HandBack)).host), begin));
  }
}

TEST_CASE("what was set down for its new name is laid again first") {
  auto host = with_dummy(on_flannel());
  const auto device_state = hostnet::device_state_of(host, a_host::kTunnel);
  host.memory.devices[net::Family::V4] = {a_host::kTunnel, 0, device_state};
  a_host::link(host, "flannel.1")->up = false;
  host.routes.clear();
  host.neighbours.clear();
  CHECK(
      described(plan_host(host, task(AgentOperation::HandOver))) ==
      std::vector<std::string>{"set up flannel.1", "lay routes and neighbours again on flannel.1"});
  const auto end = run(host, task(AgentOperation::HandOver));
  CHECK(hostnet::missing(device_state, end.host) == hostnet::DeviceState{});
  CHECK_FALSE(end.host.memory.devices.at(net::Family::V4).device_state);
}

TEST_CASE("a device that Felix would not keep is refused, and nothing is changed") {
  const auto [name, change] = GENERATE(table<std::string, void (*)(netlink::Link&)>({
      {"has VNI 7, wanted 1", [](auto& link) { link.vxlan->vni = 7; }},
      {"has port 4789, wanted 8472", [](auto& link) { link.vxlan->port = 4789; }},
      {"has GBP on", [](auto& link) { link.vxlan->gbp = true; }},
      {"has learning on", [](auto& link) { link.vxlan->learning = true; }},
      {"takes its tunnels from metadata", [](auto& link) { link.vxlan->external = true; }},
      {"has no parent device", [](auto& link) { link.vxlan->parent = 0; }},
      {"hangs on a device without 172.30.0.1", [](auto& link) { link.vxlan->parent = 6; }},
      {"sends from none, wanted 172.30.0.1", [](auto& link) { link.vxlan->local.reset(); }},
      {"has the default destination 10.0.0.1",
       [](auto& link) { link.vxlan->remote = parsed::ip("10.0.0.1"); }},
      {"has MAC 02:00:00:00:00:01, wanted 56:1d:8d:30:79:01",
       [](auto& link) { link.mac = parsed::mac("02:00:00:00:00:01"); }},
      {"is of kind 'bridge', wanted vxlan",
       [](auto& link) { link.kind = "bridge", link.vxlan.reset(); }},
  }));
  auto host = on_flannel();
  change(*a_host::link(host, "flannel.1"));
  const auto plan = plan_host(host, task(AgentOperation::HandOver));
  REQUIRE(plan.refusal);
  CHECK(plan.refusal->message == "flannel.1 " + name);
  CHECK(plan.refusal->reason == api::kReasonNotHandOverable);
  CHECK(plan.actions.empty());
}

TEST_CASE("a tunnel without its address is refused") {
  auto host = on_flannel();
  std::erase_if(host.addresses, [](const auto& one) { return one.link == a_host::kTunnel; });
  CHECK(plan_host(host, task(AgentOperation::HandOver)).refusal->message ==
        "flannel.1 does not have address 10.244.1.0");
}

TEST_CASE("an MTU smaller than the cluster's is refused, but not answered by draining") {
  auto host = on_flannel();
  a_host::link(host, "flannel.1")->mtu = 1400;
  const auto plan = plan_host(host, task(AgentOperation::HandOver));
  CHECK(plan.refusal->reason.empty());
  CHECK_THAT(plan.refusal->message, Catch::Contains("has MTU 1400, wanted 1450"));
}

TEST_CASE("a larger MTU is set down with the hand-over and given back with the hand-back") {
  auto begin = dual_stack(on_flannel());
  a_host::link(begin, "flannel.1")->mtu = 8951;
  const auto whole = run(begin, dual_stack(task(AgentOperation::HandOver)));
  REQUIRE(whole.plan.done());
  for (std::size_t limit = 0; limit <= whole.changes; ++limit) {
    const auto killed = run(begin, dual_stack(task(AgentOperation::HandOver)), limit).host;
    auto host = run(killed, dual_stack(task(AgentOperation::HandOver))).host;
    CHECK(a_host::link(host, "vxlan.calico")->mtu == 1450);
    a_host::link(host, "vxlan-v6.calico")->mtu = 1430;  // Felix's doing
    const auto back = run(host, dual_stack(task(AgentOperation::HandBack)));
    REQUIRE(back.plan.done());
    for (std::size_t cut = 0; cut <= back.changes; ++cut) {
      auto end = run(run(host, dual_stack(task(AgentOperation::HandBack)), cut).host,
                     dual_stack(task(AgentOperation::HandBack)))
                     .host;
      CHECK(a_host::link(end, "flannel.1")->mtu == 8951);
      CHECK(a_host::link(end, "flannel-v6.1")->mtu == 1450);
      CHECK(end.memory.devices.at(net::Family::V4).mtu == 0);
    }
  }
}

TEST_CASE("what an MTU was stays known after the end of a migration, where it was another one") {
  auto host = on_flannel();
  a_host::link(host, "flannel.1")->mtu = GENERATE(1450, 8951);
  const auto before = a_host::link(host, "flannel.1")->mtu;
  host = run(host, task(AgentOperation::HandOver)).host;
  host.links.pop_back();  // the pod
  host.cni.front().kind = CniKind::Calico;
  host = run(host, task(AgentOperation::Finalize)).host;
  CHECK(host.paths.contains(std::string(hostnet::kSavedDevicesFile)) == (before != 1450));
  host = run(host, task(AgentOperation::HandBack)).host;
  CHECK(a_host::link(host, "flannel.1")->mtu == before);
}

TEST_CASE("a device with a MAC of the kernel's choice gets it from us before it is renamed") {
  const auto [operation, from] = GENERATE(table<AgentOperation, std::string>(
      {{AgentOperation::HandOver, "flannel.1"}, {AgentOperation::HandBack, "vxlan.calico"}}));
  auto host = operation == AgentOperation::HandOver ? with_dummy(on_flannel()) : on_calico();
  if (operation == AgentOperation::HandBack)
    host.leases.assign(1, {a_host::kLeases, ip("10.244.1.70"), true});
  for (const bool is_set : {false, true}) {
    a_host::link(host, from)->mac_is_set = is_set;
    const auto mac = a_host::link(host, from)->mac;
    const auto plan = plan_host(host, task(operation));
    const auto found = std::find_if(plan.actions.begin(), plan.actions.end(), [](const auto& one) {
      return std::holds_alternative<hostnet::RenameLink>(one);
    });
    REQUIRE(found != plan.actions.end());
    CHECK(std::get<hostnet::RenameLink>(*found).mac == (is_set ? std::nullopt : mac));
  }
}

TEST_CASE("on the way back nothing about a device is a reason to refuse") {
  auto host = on_calico();
  a_host::link(host, "vxlan.calico")->vxlan->learning = true;
  a_host::link(host, "vxlan.calico")->mtu = 1400;
  const auto end = run(host, task(AgentOperation::HandBack));
  CHECK(end.plan.done());
  CHECK(names(end.host).contains("flannel.1"));
}

TEST_CASE("while Felix lives nothing is handed back") {
  auto host = on_calico();
  host.felix_alive = true;
  for (const auto operation : {AgentOperation::HandBack, AgentOperation::CutBack}) {
    const auto plan = plan_host(host, task(operation));
    CHECK(plan.waiting == "waiting for Felix to end");
    CHECK(plan.actions.empty());
  }
}

TEST_CASE("a node that was never handed over is not written to on its way back") {
  auto host = on_flannel();
  // A stranger's: Felix has never run there.
  host.felix_alive = GENERATE(false, true);
  CHECK(plan_host(host, task(AgentOperation::HandBack)).done());
}

TEST_CASE("what Felix has made is not cleaned away under a living Felix, and never Canal's") {
  auto host = on_calico();
  host.felix_alive = true;
  CHECK(plan_host(host, clean(api::AgentNetwork::Calico)).waiting == "waiting for Felix to end");
  host.cni.push_back(a_host::conf("10-canal.conflist", CniKind::Canal));
  const auto end = run(host, clean(api::AgentNetwork::Calico));
  CHECK(end.plan.done());
  CHECK(names(end.host) == names(host));
}

TEST_CASE("a hand-over waits for Canal's Felix, and for nobody else's port 9099") {
  auto host = on_flannel();
  host.felix_alive = true;
  CHECK(plan_host(host, task(AgentOperation::HandOver)).waiting.empty());
  host.cni = {a_host::conf("10-canal.conflist", CniKind::Canal)};
  CHECK_FALSE(plan_host(host, task(AgentOperation::HandOver)).waiting.empty());
}

TEST_CASE("the bridge goes only when no pod hangs on it") {
  auto host = on_calico();
  auto port = *a_host::link(host, "cali12345678901");
  port.index = 21;
  port.name = "veth1";
  port.master = a_host::kBridge;
  host.links.push_back(port);
  CHECK(plan_host(host, clean(api::AgentNetwork::Flannel)).waiting ==
        "pods still hang on cni0: veth1");
  CHECK(run(on_calico(), clean(api::AgentNetwork::Flannel)).plan.done());
}

TEST_CASE("flannel's blackhole over the pod network goes, Felix's stays") {
  auto host = on_calico();
  host.routes.push_back(a_host::blackhole("10.244.1.0/24", netlink::kProtocolBoot));
  const auto end = run(host, clean(api::AgentNetwork::Flannel));
  CHECK(std::count(end.host.routes.begin(), end.host.routes.end(), host.routes.back()) == 0);
  CHECK(std::any_of(end.host.routes.begin(), end.host.routes.end(),
                    [](const auto& route) { return route.destination == cidr("10.244.1.64/26"); }));
}

TEST_CASE("without Calico's CNI configuration flannel's is not removed") {
  CHECK(plan_host(on_flannel(), task(AgentOperation::Finalize)).refusal);
}

TEST_CASE("hostile files are a reason to do nothing at all") {
  for (const auto operation :
       {AgentOperation::Preflight, AgentOperation::HandOver, AgentOperation::HandBack,
        AgentOperation::CutOver, AgentOperation::CutBack, AgentOperation::FreeLeases,
        AgentOperation::Finalize}) {
    auto host = on_calico();
    host.hostile = {"a is a symbolic link", "b is huge"};
    CHECK(plan_host(host, task(operation)).refusal->message == "a is a symbolic link; b is huge");
  }
}
