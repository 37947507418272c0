#include "unit/migration/calico_changes.h"
#include "unit/migration/findings.h"

using namespace migration;
using namespace build;

namespace {

StateChange calico_config(std::string key, std::string value) {
  return [key, value](ClusterState& cluster) {
    cluster.config_maps.at({"kube-system", "calico-config"}).data[key] = value;
  };
}

std::vector<Blocked> rows() {
  return {
      {"an operator owns it",
       calico_with("/metadata/ownerReferences",
                   R"([{"kind":"Installation","name":"default","controller":true}])"),
       "CalicoOwner", "kube-system/calico-node belongs to Installation default",
       "spec.calico.daemonSet"},
      {"BGP", calico_config("calico_backend", "bird"), "CalicoBackend",
       "calico_backend is bird in ConfigMap kube-system/calico-config",
       R"(kubectl -n kube-system patch configmap calico-config --type merge -p)"},
      {"no backend", calico_config("calico_backend", "none"), "CalicoBackend",
       "calico_backend is none", "vxlan"},
      {"another backend in the environment", calico_env("CALICO_NETWORKING_BACKEND", "bird"),
       "CalicoBackend", "CALICO_NETWORKING_BACKEND is bird in DaemonSet",
       "CALICO_NETWORKING_BACKEND=vxlan"},
      {"a probe of BIRD",
       calico_with("/spec/template/spec/containers/0/readinessProbe",
                   R"({"exec":{"command":["/bin/calico-node","-felix-ready","-bird-ready"]}})"),
       "CalicoProbes", "-bird-ready", "take -bird-ready out"},
      {"another IPAM",
       calico_config("cni_network_config",
                     R"({"ipam": {"type": "host-local"}, "mtu": __CNI_MTU__})"),
       "CalicoIPAM", "ipam.type is host-local", "calico-ipam"},
      {"a VNI in the environment", calico_env("FELIX_VXLANVNI", "4096"), "CalicoEnvironment",
       "FELIX_VXLANVNI is 4096 in DaemonSet kube-system/calico-node",
       "set env daemonset/calico-node -c calico-node FELIX_VXLANVNI-"},
      {"a port in the environment", calico_env("FELIX_VXLANPORT", "4789"), "CalicoEnvironment",
       "FELIX_VXLANPORT is 4789", "FELIX_VXLANPORT-"},
      {"an MTU in the environment", calico_env("FELIX_VXLANMTU", "0"), "CalicoEnvironment",
       "FELIX_VXLANMTU is 0", "FELIX_VXLANMTU-"},
      {"VXLAN switched off in the environment", calico_env("FELIX_VXLANENABLED", "false"),
       "CalicoEnvironment", "FELIX_VXLANENABLED is false", "FELIX_VXLANENABLED-"},
      {"a node's own VNI",
       [](auto& c) {
         c.node_felix["node.w001"] = a_felix(R"({"vxlanVNI":4096,"vxlanPort":8472})");
       },
       "FelixOfNode", "node.w001 says vxlanVNI 4096 (wanted 1)",
       "felixconfigurations.crd.projectcalico.org node.w001"},
  };
}

}  // namespace

TEST_CASE("what makes Calico another one than the migration needs is told, with whose it is") {
  expect_blocked(GENERATE(from_range(rows())));
}

TEST_CASE("what Calico is told as the migration tells it is no matter") {
  auto cluster = a_flannel_cluster(nodes(2));
  auto& set = cluster.daemon_sets.at(kCalicoKey);
  set = with(set, "/spec/template/spec/containers/0/env",
             R"([{"name":"FELIX_VXLANVNI","value":"1"},{"name":"FELIX_VXLANPORT","value":"8472"},)"
             R"({"name":"FELIX_VXLANENABLED","value":"true"}])");
  cluster.config_maps.at({"kube-system", "calico-config"}).data["calico_backend"] = "vxlan";
  cluster.node_felix["node.w001"] = a_felix(R"({"vxlanVNI":1,"logSeverityScreen":"Debug"})");
  for (const auto& finding : run_preflight(Surveyed(cluster).survey))
    FAIL_CHECK(finding.id << ": " << finding.observed);
}
