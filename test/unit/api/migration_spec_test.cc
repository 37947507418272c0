#include "api/migration_spec.h"

#include "api/flannel_migration.h"
#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using api::parse_migration_spec;
using parsed::cidr;
using parsed::document;

namespace {

base::Result<api::MigrationSpec> parse(const std::string& text) {
  return parse_migration_spec(document(text).root());
}

}  // namespace

TEST_CASE("a spec that says nothing has the defaults") {
  const std::string text = GENERATE(
      "{}", "null", R"({"flannel":null,"rollout":{"canary":{}},"target":"","agent":{"image":""}})",
      R"({"flannel":{"ipv6Network":"","daemonSet":{"name":"","namespace":""}},"refresh":{}})");
  CAPTURE(text);
  const auto spec = parse(text);
  REQUIRE(spec);
  CHECK(*spec == api::MigrationSpec{});
}

TEST_CASE("every field of a spec is read") {
  const auto spec = parse(R"({"target":"Flannel","mode":"Plan","paused":true,
    "flannel":{"daemonSet":{"namespace":"kube-flannel","name":"kube-flannel-ds"},"network":"10.244.0.0/16","ipv6Network":"fd00:10:244::/56",
      "subnetLength":25,"ipv6SubnetLength":65,"mtu":1400,"ipMasq":false,"annotationPrefix":"example.com","vni":2,"port":8473},
    "calico":{"daemonSet":{"namespace":"cs","name":"cn"},"cniConfigDir":"/etc/cni/conf","blockSize":24,"ipv6BlockSize":120},
    "rollout":{"method":"Drain","maxUnavailable":"20%","canary":{"nodes":2,"soak":"1m30s","approval":"Manual"},"soak":"5s",
      "topologyKey":"topology.kubernetes.io/zone","nodeSelector":{"a":"b"},"maxFailures":4,"retries":5,"startTimeout":"6m"},
    "refresh":{"maxPending":7},
    "drain":{"mode":"Full","timeout":"8m","onTimeout":"Force","gracePeriodSeconds":9,"unmanagedPods":"Keep"},
    "verify":{"peers":10,"timeout":"11s"},
    "agent":{"image":"i","imagePullPolicy":"Never","imagePullSecrets":[{"name":"s"},"t"],"timeout":"12s"},
    "completion":{"flannel":"Keep"},"windows":"LeaveOnFlannel"})");
  api::MigrationSpec wanted;
  wanted.target = api::Target::Flannel;
  wanted.mode = api::Mode::Plan;
  wanted.paused = true;
  wanted.flannel = {api::ObjectKey{"kube-flannel", "kube-flannel-ds"},
                    cidr("10.244.0.0/16"),
                    cidr("fd00:10:244::/56"),
                    25,
                    65,
                    1400,
                    false,
                    "example.com",
                    2,
                    8473};
  wanted.calico = {{"cs", "cn"}, "/etc/cni/conf", 24, 120};
  wanted.rollout = {api::Method::Drain,
                    {20, true},
                    {2, 90s, api::Approval::Manual},
                    5s,
                    "topology.kubernetes.io/zone",
                    {{"a", "b"}},
                    4,
                    5,
                    6min};
  wanted.refresh_max_pending = {7, false};
  wanted.drain = {api::DrainMode::Full, 8min, api::OnTimeout::Force, 9, api::UnmanagedPods::Keep};
  wanted.verify = {10, 11s};
  wanted.agent = {"i", "Never", {"s", "t"}, 12s};
  wanted.completion = api::FlannelAtCompletion::Keep;
  wanted.windows = api::WindowsNodes::LeaveOnFlannel;
  REQUIRE(spec);
  CHECK(*spec == wanted);
}

TEST_CASE("a field that cannot be read is named with the form it wants") {
  const auto [text, field] = GENERATE(table<std::string, std::string>({
      {R"("x")", "spec: must be an object"},
      {"[]", "spec: must be an object"},
      {R"({"target":"calico"})", "spec.target: must be one of Calico, Flannel, not \"calico\""},
      {R"({"target":7})", "spec.target: must be a string, not 7"},
      {R"({"mode":"Go"})", "spec.mode:"},
      {R"({"paused":"true"})", "spec.paused: must be true or false"},
      {R"({"flannel":[]})", "spec.flannel: must be an object"},
      {R"({"flannel":{"daemonSet":{"name":"x"}}})", "spec.flannel.daemonSet.namespace:"},
      {R"({"flannel":{"daemonSet":{"namespace":"x"}}})", "spec.flannel.daemonSet.name:"},
      {R"({"flannel":{"network":"10.244.0.0"}})", "spec.flannel.network:"},
      {R"({"flannel":{"network":"10.244.1.0/16"}})", "spec.flannel.network:"},
      {R"({"flannel":{"network":"fd00::/56"}})", "spec.flannel.network: must be an IPv4 network"},
      {R"({"flannel":{"ipv6Network":"10.0.0.0/8"}})",
       "spec.flannel.ipv6Network: must be an IPv6 network"},
      {R"({"flannel":{"subnetLength":31}})",
       "spec.flannel.subnetLength: must be an integer from 8 to 30, not 31"},
      {R"({"flannel":{"mtu":1450.5}})", "spec.flannel.mtu:"},
      {R"({"flannel":{"vni":0}})", "spec.flannel.vni:"},
      {R"({"flannel":{"vni":18446744073709551616}})", "spec.flannel.vni:"},
      {R"({"flannel":{"port":4294967297}})", "spec.flannel.port:"},
      {R"({"calico":{"cniConfigDir":"etc"}})", "spec.calico.cniConfigDir:"},
      {R"({"calico":{"cniConfigDir":"/etc/../root"}})", "spec.calico.cniConfigDir:"},
      {R"({"calico":{"blockSize":19}})", "spec.calico.blockSize:"},
      {R"({"rollout":{"maxUnavailable":0}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":"0%"}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":"101%"}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":"5 %"}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":"%"}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":""}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":1e99}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":"2"}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"maxUnavailable":"05%"}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"topologyKey":"no such key"}})", "spec.rollout.topologyKey:"},
      {R"({"rollout":{"nodeSelector":{"no such key":"a"}}})", "spec.rollout.nodeSelector:"},
      {R"({"rollout":{"nodeSelector":{"pool":"dark blue"}}})", "spec.rollout.nodeSelector:"},
      {R"({"rollout":{"maxUnavailable":true}})", "spec.rollout.maxUnavailable:"},
      {R"({"rollout":{"canary":{"soak":"soon"}}})",
       "spec.rollout.canary.soak: must be a duration from 0s to 168h"},
      {R"({"rollout":{"soak":"169h"}})", "spec.rollout.soak:"},
      {R"({"rollout":{"nodeSelector":{"a":1}}})", "spec.rollout.nodeSelector:"},
      {R"({"rollout":{"nodeSelector":["a"]}})", "spec.rollout.nodeSelector:"},
      {R"({"drain":{"timeout":"0s"}})", "spec.drain.timeout:"},
      {R"({"drain":{"timeout":"-1s"}})", "spec.drain.timeout:"},
      {R"({"rollout":{"canary":{"approval":"Manual"}}})",
       "spec.rollout.canary.nodes: must be at least 1"},
      {R"({"drain":{"timeout":10}})", "spec.drain.timeout: must be a string"},
      {R"({"drain":{"gracePeriodSeconds":-2}})", "spec.drain.gracePeriodSeconds:"},
      {R"({"verify":{"peers":51}})", "spec.verify.peers:"},
      {R"({"agent":{"imagePullPolicy":"Sometimes"}})", "spec.agent.imagePullPolicy:"},
      {R"({"agent":{"imagePullSecrets":"s"}})", "spec.agent.imagePullSecrets:"},
      {R"({"agent":{"imagePullSecrets":[{}]}})", "spec.agent.imagePullSecrets:"},
      {R"({"completion":{"flannel":"Remove"}})",
       "spec.completion.flannel: must be one of Delete, Keep"},
      {R"({"windows":"Leave"})", "spec.windows: must be one of Refuse, LeaveOnFlannel"},
  }));
  CAPTURE(text);
  const auto spec = parse(text);
  REQUIRE_FALSE(spec);
  CHECK(spec.error().kind == base::ErrorKind::Invalid);
  CHECK_THAT(spec.error().message, Catch::StartsWith(field));
}

TEST_CASE("every wrong field is named, and long values are cut") {
  const auto spec = parse(R"({"mode":")" + std::string(500, 'x') + R"(","paused":7})");
  REQUIRE_FALSE(spec);
  CHECK_THAT(spec.error().message, Catch::StartsWith("spec.mode:"));
  CHECK_THAT(spec.error().message, Catch::EndsWith("; spec.paused: must be true or false, not 7"));
  CHECK(spec.error().message.size() < 200);
}

TEST_CASE("unknown fields are refused only where a person's text is read") {
  const auto text = document(
      R"({"pause":true,"rollout":{"canary":{"node":1},"nodeSelector":{"a":"b"}},"agent":{"imagePullSecrets":[{"name":"s"}]}})");
  CHECK(parse_migration_spec(text.root()));
  const auto spec = parse_migration_spec(text.root(), api::UnknownFields::Refuse);
  REQUIRE_FALSE(spec);
  CHECK(spec.error().message ==
        "spec.rollout.canary.node: unknown field; spec.pause: unknown field");
}

TEST_CASE("a share of the nodes is rounded down but never to none") {
  const auto [value, percent, total, result] = GENERATE(table<int, bool, int, int>({
      {1, false, 100, 1},
      {5, false, 3, 5},
      {0, false, 3, 1},
      {10, true, 100, 10},
      {10, true, 99, 9},
      {10, true, 5, 1},
      {10, true, 0, 1},
      {100, true, 7, 7},
      {100, true, 2147483647, 2147483647},
  }));
  CAPTURE(value, percent, total);
  CHECK(api::IntOrPercent{value, percent}.of(total) == result);
}

TEST_CASE("a number or share is printed as it is written") {
  CHECK(api::IntOrPercent{3, false}.to_string() == "3");
  CHECK(api::IntOrPercent{10, true}.to_string() == "10%");
  CHECK(parse(R"({"rollout":{"maxUnavailable":3}})")->rollout.max_unavailable ==
        api::IntOrPercent{3, false});
}

TEST_CASE("the API's words are printed") {
  CHECK(api::to_string(api::Target::Flannel) == "Flannel");
  CHECK(api::to_string(api::Method::HandOver) == "HandOver");
}

TEST_CASE("a migration with an unreadable spec still has its metadata and status") {
  const auto migration = api::parse_flannel_migration(
      document(R"({"metadata":{"name":"m"},"spec":{"mode":1},"status":{"phase":"Blocked"}})")
          .root());
  CHECK(migration.meta.name == "m");
  CHECK_FALSE(migration.spec);
  CHECK(migration.status.phase == api::Phase::Blocked);
}
