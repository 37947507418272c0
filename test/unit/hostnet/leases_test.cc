// What becomes of host-local's leases: who they protect, and where they are.
#include "hostnet/bridge.h"
#include "hostnet/paths.h"
#include "hostnet/planner.h"
#include "unit/api/parsed.h"
#include "unit/hostnet/a_host.h"

#include <catch2/catch.hpp>

using a_host::clean;
using a_host::described;
using a_host::on_calico;
using a_host::on_flannel;
using a_host::run;
using a_host::task;
using api::AgentOperation;
using hostnet::CniKind;
using hostnet::plan_host;
using parsed::ip;

TEST_CASE("the addresses of Calico's pods are leased before flannel's CNI can start a pod") {
  auto host = on_calico();
  host.leases.clear();
  CHECK(described(plan_host(host, task(AgentOperation::HandBack))) ==
        std::vector<std::string>{"write /var/lib/cni/networks/cbr0/10.244.1.70"});
  const auto end = run(on_calico(), task(AgentOperation::HandBack));
  CHECK(end.host.conf_in_force()->kind == CniKind::Flannel);
}

TEST_CASE("leases of pods that Refresh has replaced go with the hand-back, unless one lives") {
  const auto operation = GENERATE(AgentOperation::HandBack, AgentOperation::CutBack);
  auto host = on_calico();
  REQUIRE(host.leases == on_flannel().leases);
  CHECK(run(host, task(operation)).host.leases ==
        std::vector<hostnet::Lease>{{a_host::kLeases, ip("10.244.1.70"), true}});
  auto port = host.links.back();
  port.master = a_host::kBridge;
  host.links.push_back(port);
  CHECK(run(host, task(operation)).host.leases.size() == on_flannel().leases.size() + 1);
}

TEST_CASE("while flannel's CNI may start pods, no lease goes") {
  auto host = on_flannel();
  host.links.pop_back();
  CHECK(run(host, task(AgentOperation::HandBack)).host.leases == on_flannel().leases);
}

TEST_CASE("the runtime has a configuration while flannel's is still to come") {
  const auto operation = GENERATE(AgentOperation::HandBack, AgentOperation::CutBack);
  auto host = on_calico();
  CHECK(run(host, task(operation)).host.find_conf(hostnet::kHoldConf) == nullptr);
  std::erase_if(host.cni, [](const auto& conf) { return conf.kind == CniKind::Flannel; });
  const auto end = run(host, task(operation));
  REQUIRE(end.plan.done());
  REQUIRE(end.host.conf_in_force() != nullptr);
  CHECK(end.host.conf_in_force()->file == hostnet::kHoldConf);
  CHECK(run(end.host, clean(api::AgentNetwork::Calico)).host.cni.empty());
}

TEST_CASE("where nothing of flannel is left, the operator tells the network of the leases") {
  auto host = on_calico();
  std::erase_if(host.cni, [](const auto& conf) { return conf.kind == CniKind::Flannel; });
  auto back = task(AgentOperation::HandBack);
  back.lease_network = "k8s-pod-network";
  CHECK(described(plan_host(host, back)) ==
        std::vector<std::string>{"write /var/lib/cni/networks/k8s-pod-network/10.244.1.70"});
}

TEST_CASE("Canal gets back the leases of the pods that still live, and no other") {
  auto host = on_calico();
  host.cni.push_back(a_host::conf("10-canal.conflist", CniKind::Canal));
  host.lease_folders = {a_host::kSavedCanalLeases};
  host.leases = {{a_host::kSavedCanalLeases, ip("10.244.1.70"), false},
                 {a_host::kSavedCanalLeases, ip("10.244.1.71"), false}};
  const auto end = run(host, task(GENERATE(AgentOperation::HandBack, AgentOperation::CutBack)));
  CHECK(end.plan.done());
  CHECK(end.host.lease_folders == std::set<std::string>{a_host::kCanalLeases});
  CHECK(end.host.leases ==
        std::vector<hostnet::Lease>{{a_host::kCanalLeases, ip("10.244.1.70"), false}});
}

TEST_CASE("a clean Canal node has no lease that could come back without its pod") {
  auto host = on_calico();
  a_host::apply(host, hostnet::DeleteLink{a_host::kBridge, "cni0"});
  host.cni.push_back(a_host::conf("10-canal.conflist", CniKind::Canal));
  host.lease_folders = {a_host::kCanalLeases, a_host::kSavedCanalLeases};
  const auto end = run(host, clean(api::AgentNetwork::Flannel));
  CHECK(end.plan.done());
  CHECK(end.host.lease_folders.empty());
}

TEST_CASE("live addresses are leases, what the bridge has heard from, and the bridge's own") {
  auto host = on_flannel();
  host.leases.push_back({a_host::kLeases, ip("10.244.1.70"), true});
  host.leases.push_back({"/var/lib/cni/networks/other", ip("192.168.0.1"), false});
  host.neighbours.push_back({a_host::kBridge, ip("10.244.1.9"), {}, 0x02});
  host.neighbours.push_back({a_host::kBridge, ip("10.244.1.10"), {}, 0x20});  // failed
  CHECK(hostnet::live_addresses(host, task(AgentOperation::HandOver)) ==
        std::set<net::IpAddress>{ip("10.244.1.1"), ip("10.244.1.7"), ip("10.244.1.9"),
                                 ip("10.244.1.255")});
}

TEST_CASE("the bridge has each of its addresses and the ends of their networks for itself") {
  auto host = a_host::dual_stack(on_flannel());
  host.addresses.push_back({a_host::kBridge, ip("10.244.1.200"), 28, 0});
  host.addresses.push_back({a_host::kBridge, ip("192.168.0.1"), 24, 0});
  const auto ask = a_host::dual_stack(task(AgentOperation::HandOver));
  CHECK(hostnet::bridge_addresses(host, ask) ==
        std::set<net::IpAddress>{ip("10.244.1.0"), ip("10.244.1.1"), ip("10.244.1.192"),
                                 ip("10.244.1.200"), ip("10.244.1.207"), ip("10.244.1.255"),
                                 ip("fd00:10:244:1::"), ip("fd00:10:244:1::1")});
  const auto live = hostnet::live_addresses(host, ask);
  CHECK(live.contains(ip("10.244.1.200")));
  CHECK_FALSE(live.contains(ip("10.244.1.0")));  // the tunnel's
  CHECK_FALSE(live.contains(ip("fd00:10:244:1::")));
}

TEST_CASE("on the way back flannel gives to no pod what an admin has put on its bridge") {
  auto host = on_calico();
  host.addresses.push_back({a_host::kBridge, ip("10.244.1.200"), 24, 0});
  const auto end = run(host, task(AgentOperation::HandBack));
  CHECK(end.host.leases ==
        std::vector<hostnet::Lease>{{a_host::kLeases, ip("10.244.1.70"), true},
                                    {a_host::kLeases, ip("10.244.1.200"), true}});
}

TEST_CASE("the leases of pods of Calico's that are gone are freed, those of others stay") {
  auto host = on_calico();
  host.addresses.push_back({a_host::kBridge, ip("10.244.1.200"), 24, 0});
  host = run(host, task(AgentOperation::HandBack)).host;
  const auto living = host.leases;
  REQUIRE(living.size() == 2);
  host.leases.push_back({a_host::kLeases, ip("10.244.1.71"), true});
  host.leases.push_back({a_host::kLeases, ip("10.244.1.9"), false});
  CHECK(described(plan_host(host, task(AgentOperation::FreeLeases))) ==
        std::vector<std::string>{"remove /var/lib/cni/networks/cbr0/10.244.1.71"});
  CHECK(run(host, task(AgentOperation::FreeLeases)).host.leases.size() == living.size() + 1);
}

TEST_CASE("a lease that is left over where a pod of Calico's lives goes with that pod") {
  auto host = on_calico();
  auto port = host.links.back();
  port.master = a_host::kBridge;
  host.links.push_back(port);  // of a pod of flannel's that lives
  host.leases = {{a_host::kLeases, ip("10.244.1.7"), false},
                 {a_host::kLeases, ip("10.244.1.70"), false}};
  host = run(host, task(GENERATE(AgentOperation::HandBack, AgentOperation::CutBack))).host;
  CHECK(host.leases == std::vector<hostnet::Lease>{{a_host::kLeases, ip("10.244.1.7"), false},
                                                   {a_host::kLeases, ip("10.244.1.70"), true}});
  std::erase_if(host.routes,
                [](const auto& route) { return route.destination.address() == ip("10.244.1.70"); });
  CHECK(run(host, task(AgentOperation::FreeLeases)).host.leases.size() == 1);
}

TEST_CASE("leases of Canal's are freed beside its living Felix") {
  auto host = on_calico();
  host.cni = {a_host::conf("10-canal.conflist", CniKind::Canal)};
  host.leases = {{a_host::kCanalLeases, ip("10.244.1.70"), true},
                 {a_host::kCanalLeases, ip("10.244.1.71"), true},
                 {a_host::kCanalLeases, ip("10.244.1.72"), false}};
  host.felix_alive = true;
  const auto end = run(host, task(AgentOperation::FreeLeases));
  CHECK(end.plan.done());
  host.leases.erase(host.leases.begin() + 1);
  CHECK(end.host.leases == host.leases);
}

TEST_CASE("leases are written where host-local is configured to look") {
  const auto named = GENERATE(as<std::string>(), "/var/lib/cni/ipam", "/var/lib/cni/.//ipam/");
  auto host = on_calico();
  host.leases.clear();
  host.cni.back().lease_folder = named;
  CHECK(described(plan_host(host, task(AgentOperation::HandBack))) ==
        std::vector<std::string>{"write /var/lib/cni/ipam/cbr0/10.244.1.70"});
  std::erase_if(host.cni, [](const auto& conf) { return conf.kind == CniKind::Flannel; });
  auto back = task(AgentOperation::HandBack);
  back.lease_folder = named;
  CHECK(described(plan_host(host, back)) ==
        std::vector<std::string>{"write /var/lib/cni/ipam/cbr0/10.244.1.70"});
}

TEST_CASE("where flannel's pods cannot be told, nothing is moved, and preflight says so") {
  const auto operation =
      GENERATE(AgentOperation::Preflight, AgentOperation::HandOver, AgentOperation::CutOver);
  auto host = on_flannel();
  host.cni.back().unsupported = "has addresses from the plugin 'dhcp', wanted host-local";
  auto plan = plan_host(host, task(operation));
  CHECK(plan.refusal->message ==
        "10-flannel.conflist has addresses from the plugin 'dhcp', wanted host-local: which pods "
        "live with which addresses cannot be told");
  CHECK(plan.refusal->reason.empty());
  CHECK(plan.actions.empty());
  host.cni.back().unsupported.clear();
  host.cni.back().lease_folder = GENERATE("/run/ipam", "networks", "/var/lib/cni/../ipam");
  plan = plan_host(host, task(operation));
  CHECK_THAT(plan.refusal->message, Catch::Contains("wanted a folder below /var/lib/cni"));
}

TEST_CASE("a node whose leases are out of reach goes back unless Calico's pods live on it") {
  const auto operation = GENERATE(AgentOperation::HandBack, AgentOperation::CutBack);
  auto host = on_flannel();
  host.cni.back().lease_folder = "/run/ipam";
  CHECK(plan_host(host, task(operation)).done());
  host = on_calico();
  host.cni.back().lease_folder = "/run/ipam";
  CHECK_THAT(plan_host(host, task(operation)).refusal->message, Catch::Contains("/run/ipam"));
}

TEST_CASE("Canal's leases that are not where upgrade-ipam looks stay, but for those of the dead") {
  const std::string folder = "/var/lib/cni/ipam/k8s-pod-network";
  auto host = on_calico();
  host.cni.push_back(a_host::conf("10-canal.conflist", CniKind::Canal));
  host.cni.back().lease_folder = "/var/lib/cni/ipam";
  host.lease_folders = {folder};
  host.leases = {{folder, ip("10.244.1.70"), false}, {folder, ip("10.244.1.71"), false}};
  const auto end = run(host, task(GENERATE(AgentOperation::HandBack, AgentOperation::CutBack)));
  CHECK(end.plan.done());
  CHECK(end.host.lease_folders == std::set<std::string>{folder});
  CHECK(end.host.leases == std::vector<hostnet::Lease>{{folder, ip("10.244.1.70"), false}});
}
