#include "hostnet/planner.h"
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
