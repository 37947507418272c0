#include "api/names.h"
#include "unit/migration/calico_changes.h"
#include "unit/migration/findings.h"
#include "unit/migration/fix_commands.h"

using namespace migration;
using namespace build;

namespace {

// A change of a healthy cluster, and the finding whose command takes it away.
struct Row {
  std::string name;
  StateChange change;
  std::string id;
};

StateChange pool(std::string spec) {
  return [spec](ClusterState& cluster) {
    cluster.pools["mine"] = a_pool_of(R"({"metadata":{"name":"mine"},"spec":)" + spec + "}");
  };
}

StateChange felix(std::string spec) {
  return [spec](ClusterState& cluster) {
    const auto text = R"({"metadata":{"name":"default"},"spec":)" + spec + "}";
    cluster.felix = api::parse_felix_configuration(json::Document::parse(text).value().root());
  };
}

void add_second_flannel(ClusterState& cluster) {
  auto set = with(a_flannel_set(), "/metadata/namespace", R"("other")");
  cluster.daemon_sets[api::key_of(set.meta)] = set;
}

std::vector<Row> rows() {
  return {
      {"two flannels", add_second_flannel, "FlannelSingle"},
      {"a pod CIDR given twice",
       [](auto& c) {
         c.nodes["twin"].node = a_node("twin", with_pod_cidr("10.244.2.0/24"),
                                       with_flannel("0a:00:00:00:00:09", "192.168.0.9"));
       },
       "NodePodCIDROverlap"},
      {"not held back", calico_with("/spec/template/spec/nodeSelector", "{}"),
       "CalicoNodeSelector"},
      {"locked", [](auto& c) { c.cluster_information->datastore_ready = false; },
       "CalicoDatastore"},
      {"BGP",
       [](auto& c) {
         c.config_maps.at({"kube-system", "calico-config"}).data["calico_backend"] = "bird";
       },
       "CalicoBackend"},
      {"a backend in the environment", calico_env("CALICO_NETWORKING_BACKEND", "bird"),
       "CalicoBackend"},
      {"a VNI in the environment", calico_env("FELIX_VXLANVNI", "4096"), "CalicoEnvironment"},
      {"a node of its own mind",
       [](auto& c) {
         c.node_felix["node.w001"] = api::parse_felix_configuration(
             json::Document::parse(R"({"metadata":{"name":"node.w001"},
                                       "spec":{"vxlanVNI":4096,"vxlanEnabled":false}})")
                 .value()
                 .root());
       },
       "FelixOfNode"},
      {"eBPF", felix(R"({"bpfEnabled":true})"), "CalicoDataPlane"},
      {"WireGuard", felix(R"({"wireguardEnabled":true})"), "CalicoDataPlane"},
      {"WireGuard for IPv6", felix(R"({"wireguardEnabledV6":true})"), "CalicoDataPlane"},
      {"eBPF in the environment", calico_env("FELIX_BPFENABLED", "True"), "CalicoDataPlane"},
      {"a pool with IP in IP", pool(R"({"cidr":"10.244.0.0/16","ipipMode":"Always"})"),
       "IPPoolCompatible"},
      {"a pool for some nodes",
       pool(R"({"cidr":"10.244.0.0/16","vxlanMode":"Always","natOutgoing":true,
                "nodeSelector":"zone == 'a'"})"),
       "IPPoolCompatible"},
      {"a pool for tunnels alone",
       pool(R"({"cidr":"10.244.0.0/16","vxlanMode":"Always","natOutgoing":true,
                "allowedUses":["Tunnel"]})"),
       "IPPoolCompatible"},
      {"a pool for those who ask for it",
       pool(R"({"cidr":"10.244.0.0/16","vxlanMode":"Always","natOutgoing":true,
                "assignmentMode":"Manual","namespaceSelector":"x == 'y'","disabled":true})"),
       "IPPoolCompatible"},
      {"a pool of a part of the network", pool(R"({"cidr":"10.244.0.0/17"})"), "IPPoolCompatible"},
      {"a pool with larger blocks",
       pool(R"({"cidr":"10.244.0.0/16","vxlanMode":"Always","natOutgoing":true,"blockSize":24})"),
       "IPPoolCompatible"},
  };
}

}  // namespace

TEST_CASE("a fix that is a command mends what it is for") {
  const auto row = GENERATE(from_range(rows()));
  CAPTURE(row.name);
  auto cluster = a_flannel_cluster(nodes(2));
  row.change(cluster);
  const auto before = run_preflight(Surveyed(cluster).survey);
  const auto* finding = find(before, row.id);
  REQUIRE(finding != nullptr);
  CAPTURE(finding->fix);
  const auto commands = commands_in(finding->fix);
  REQUIRE_FALSE(commands.empty());
  for (const auto& command : commands) run_command(command, cluster);
  for (const auto& left : run_preflight(Surveyed(cluster).survey))
    FAIL_CHECK(left.id << ": " << left.observed);
}

TEST_CASE("a node that lost its label is told by the label where it is") {
  auto cluster = a_flannel_cluster(nodes(2));
  auto& flannel = cluster.daemon_sets.at({"kube-flannel", "kube-flannel-ds"});
  flannel.node_selector[std::string(api::kNetworkLabel)] = "flannel";
  cluster.nodes.at("w002").node.meta.labels[std::string(api::kNetworkLabel)] = "flannel";
  const auto findings = run_preflight(Surveyed(cluster).survey);
  const auto* finding = find(findings, "NodeLabel");
  REQUIRE(finding != nullptr);
  CHECK_THAT(finding->observed, Catch::Contains("w001"));
  const auto commands = commands_in(finding->fix);
  REQUIRE(commands.size() == 1);
  run_command(commands[0], cluster);
  CHECK(find(run_preflight(Surveyed(cluster).survey), "NodeLabel") == nullptr);
}

TEST_CASE("a pool of another block size is one that a setting takes, whatever else is wrong") {
  auto cluster = a_flannel_cluster(nodes(2));
  pool(R"({"cidr":"10.244.0.0/16","vxlanMode":"Never","natOutgoing":true,"blockSize":24})")(
      cluster);
  const auto findings = run_preflight(Surveyed(cluster).survey);
  const auto* finding = find(findings, "IPPoolCompatible");
  REQUIRE(finding != nullptr);
  CHECK_THAT(finding->fix, Catch::Contains("spec.calico.blockSize of the FlannelMigration to 24"));
  const auto commands = commands_in(finding->fix);
  REQUIRE(commands.size() == 2);
  run_command(commands[0], cluster);  // the patch
  auto migration = a_migration();
  migration.spec->calico.block_size = 24;
  CHECK(run_preflight(Surveyed(cluster, migration).survey).empty());
}

TEST_CASE("no block size makes a pool of another CIDR fit") {
  auto cluster = a_flannel_cluster(nodes(2));
  pool(R"({"cidr":"10.244.0.0/17"})")(cluster);
  const auto findings = run_preflight(Surveyed(cluster).survey);
  CHECK_THAT(find(findings, "IPPoolCompatible")->fix, !Catch::Contains("blockSize"));
}

TEST_CASE("what is missing of the migration's own kind is not Calico's") {
  auto cluster = a_flannel_cluster(nodes(2));
  cluster.unseen = {{"flannelmigrations", Unseen::NotServed}};
  const auto findings = run_preflight(Surveyed(cluster).survey);
  REQUIRE(findings.size() == 1);
  expect_finding(findings, {"Definition", api::Severity::Warn, "flannelmigrations", "-f crds"});
}

TEST_CASE("rights for unusual names are given by the chart's values") {
  auto cluster = a_flannel_cluster(nodes(2));
  cluster.missing_permissions = {"patch daemonsets edge in net"};
  auto set = with(a_flannel_set(), "/metadata/namespace", R"("net")");
  set = with(set, "/metadata/name", R"("edge")");
  set = with(set, "/spec/template/spec/volumes", R"([{"configMap":{"name":"net-cfg"}}])");
  cluster.daemon_sets.erase({"kube-flannel", "kube-flannel-ds"});
  cluster.daemon_sets[api::key_of(set.meta)] = set;
  cluster.config_maps[{"net", "net-cfg"}] =
      a_config_map("net", "net-cfg", {{"net-conf.json", std::string(kNetConf)}});
  auto migration = a_migration();
  migration.spec->calico.daemon_set = {"calico-system", "calico-node"};
  const auto findings = run_preflight(Surveyed(cluster, migration).survey);
  const auto* finding = find(findings, "Permissions");
  REQUIRE(finding != nullptr);
  CHECK_THAT(finding->fix,
             Catch::Contains(R"(--reuse-values --set-json 'flannel.extraNamespaces=["net"]' )"
                             R"(--set-json 'flannel.extraDaemonSets=["edge"]' )"
                             R"(--set-json 'flannel.extraConfigMaps=["net-cfg"]' )"
                             R"(--set calico.namespace=calico-system)"));
}

TEST_CASE("each owner of flannel is held in its own way") {
  const auto [label, value, observed,
              fix] = GENERATE(table<std::string, std::string, std::string, std::string>({
      {"addon.kops.k8s.io/name", "networking.flannel", "kops addon", "no kops update cluster"},
      {"kapp.k14s.io/app", "1", "kapp app 1", "Run no kapp deploy"},
      {"k0s.k0sproject.io/stack", "net", "k0s stack net", "--disable-components=applier-manager"},
      {"kubermatic-addon", "flannel", "Kubermatic addon", "spec.pause of the Cluster"},
      {"kubeone.io/addon", "cni-flannel", "KubeOne addon", "no kubeone apply"},
      {"argocd.argoproj.io/instance", "net", "Argo CD application net", "spec.syncPolicy"},
      {"kustomize.toolkit.fluxcd.io/name", "net", "Flux Kustomization net", "spec.suspend"},
      {"objectset.rio.cattle.io/owner-name", "net", "Rancher object set net", "Suspend Rancher"},
      {"app.kubernetes.io/managed-by", "somebody", "managed by somebody", "Suspend somebody"},
  }));
  CAPTURE(label);
  auto cluster = a_flannel_cluster(nodes(1));
  cluster.daemon_sets.at({"kube-flannel", "kube-flannel-ds"}).meta.labels[label] = value;
  expect_finding(run_preflight(Surveyed(cluster).survey),
                 {"FlannelOwner", api::Severity::Warn, observed, fix});
}

TEST_CASE("Deckhouse, Talos and a HelmChart show themselves by more than one mark") {
  auto cluster = a_flannel_cluster(nodes(1));
  auto& set = cluster.daemon_sets.at({"kube-flannel", "kube-flannel-ds"});
  const auto [labels, image, observed, fix] =
      GENERATE(table<api::StringMap, std::string, std::string, std::string>({
          {{{"heritage", "deckhouse"}, {"module", "cni-flannel"}},
           "",
           "Deckhouse module cni-flannel",
           "NoResourceReconciliation"},
          {{}, "ghcr.io/siderolabs/flannel:v0.25.1", "Talos", "cluster.network.cni.name to none"},
          {{{"objectset.rio.cattle.io/owner-name", "rke2-canal"},
            {"objectset.rio.cattle.io/owner-gvk", "helm.cattle.io/v1, Kind=HelmChart"}},
           "",
           "HelmChart rke2-canal",
           "helmcharts.helm.cattle.io/unmanaged=true"},
      }));
  set.meta.labels = labels;
  if (!image.empty()) set.containers.front().image = image;
  expect_finding(run_preflight(Surveyed(cluster).survey),
                 {"FlannelOwner", api::Severity::Warn, observed, fix});
}

TEST_CASE("what is wanted of nodes with IPv6 alone is what flannel writes for IPv6") {
  auto cluster = a_flannel_cluster(nodes(1), dual_stack());
  cluster.config_maps.at({"kube-flannel", "kube-flannel-cfg"}).data["net-conf.json"] =
      R"({"EnableIPv4":false,"EnableIPv6":true,"IPv6Network":"fd00:10:244::/48",
          "Backend":{"Type":"vxlan"}})";
  auto& node = cluster.nodes.at("w001").node;
  node.meta.annotations.erase("flannel.alpha.coreos.com/public-ipv6");
  const auto findings = run_preflight(Surveyed(cluster).survey);
  const auto* finding = find(findings, "NodeAnnotations");
  REQUIRE(finding != nullptr);
  CHECK_THAT(finding->wanted, Catch::Contains("public-ipv6"));
  CHECK_THAT(finding->wanted, !Catch::Contains("public-ip "));
}

TEST_CASE("plugins of flannel's CNI configuration that Calico's lacks are told") {
  auto cluster = a_flannel_cluster(nodes(1));
  auto& data = cluster.config_maps.at({"kube-flannel", "kube-flannel-cfg"}).data;
  data["cni-conf.json"] =
      R"({"name":"cbr0","plugins":[{"type":"flannel"},{"type":"portmap"},{"type":"tuning"}]})";
  CHECK(run_preflight(Surveyed(cluster).survey).empty());
  cluster.config_maps.at({"kube-system", "calico-config"}).data["cni_network_config"] =
      R"({"plugins":[{"type":"calico","mtu":__CNI_MTU__},{"type":"portmap"}]})";
  const auto findings = run_preflight(Surveyed(cluster).survey);
  REQUIRE(findings.size() == 1);
  expect_finding(findings, {"CNIPlugins", api::Severity::Info, "runs tuning, Calico's does not",
                            "kubectl -n kube-system edit configmap calico-config"});
}
