#include "migration/preflight/preflight.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

constexpr std::string_view kFirstEnv = "/spec/template/spec/containers/0/env";
constexpr std::string_view kVolumes = "/spec/template/spec/volumes";

Findings findings_with(ClusterState cluster, std::string_view pointer, std::string_view json,
                       const std::string& cni_config_dir = "/etc/cni/net.d") {
  auto& set = cluster.daemon_sets.at({"kube-system", "calico-node"});
  set = with(set, pointer, json);
  auto migration = a_migration();
  migration.spec->calico.cni_config_dir = cni_config_dir;
  return run_preflight(Surveyed(cluster, migration).survey);
}

}  // namespace

TEST_CASE("dual stack needs IPv6 switched on in Calico") {
  const auto findings = findings_with(a_flannel_cluster(nodes(1), dual_stack()), kFirstEnv,
                                      R"([{"name":"FELIX_IPV6SUPPORT","value":"false"}])");
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].id == "CalicoIPv6");
}

TEST_CASE("a folder of CNI configuration that is not Calico's is told") {
  const auto [folder, mounted, told] = GENERATE(table<std::string, std::string, bool>({
      {"/etc/cni/net.d", "/etc/cni/net.d", false},
      {"/etc/cni/net.d/", "/etc/cni/net.d", false},
      {"/etc/cni/net.d", "/etc/cni/net.d/", false},
      {"/etc/cni", "/etc/cni", false},
      {"/etc/cni/net.d", "/opt/cni/bin", false},
      {"/etc/cni/net.d", "/var/lib/rancher/k3s/agent/etc/cni/net.d", true},
      {"/opt/cni/bin/net.d", "/etc/cni/net.d", true},
  }));
  CAPTURE(folder, mounted);
  const auto volumes = R"([{"name":"a","hostPath":{"path":"/lib/modules"}},)"
                       R"({"name":"cni-net-dir","hostPath":{"path":")" +
                       mounted + R"("}}])";
  const auto findings = findings_with(a_flannel_cluster(nodes(1)), kVolumes, volumes, folder);
  REQUIRE(findings.size() == (told ? 1 : 0));
  if (!told) return;
  CHECK(findings[0].id == "CalicoCNIConfigDir");
  CHECK(findings[0].severity == api::Severity::Warn);
  CHECK(findings[0].observed == "spec.calico.cniConfigDir is " + folder +
                                    ", and DaemonSet kube-system/calico-node mounts " + mounted);
}

TEST_CASE("a pool for Services is told of, as Calico claims no block of it during a migration") {
  const auto [use, told] = GENERATE(table<std::string, bool>({
      {"Workload", false},
      {"LoadBalancer", true},
  }));
  auto cluster = a_flannel_cluster(nodes(1));
  cluster.pools["services"] = a_pool("services", "192.0.2.0/24");
  cluster.pools["services"].allowed_uses = {use};
  const auto findings = run_preflight(Surveyed(cluster).survey);
  REQUIRE(findings.size() == (told ? 1 : 0));
  if (!told) return;
  CHECK(findings[0].id == "LoadBalancerPools");
  CHECK(findings[0].severity == api::Severity::Info);
  CHECK(findings[0].observed == "Services get addresses from IPPool services");
}
