#include "api/names.h"
#include "unit/migration/findings.h"

using namespace migration;
using namespace build;
using api::Severity;

namespace {

using Break = std::function<void(ClusterState&, api::MigrationSpec&)>;

struct Row {
  std::string name;
  Break change;
  std::string id;
  Severity severity = Severity::Block;
  // Words of the finding: what and where in `observed`, how in `fix`.
  std::string observed;
  std::string fix;
};

const api::ObjectKey kFlannelKey{"kube-flannel", "kube-flannel-ds"};
const api::ObjectKey kCalicoKey{"kube-system", "calico-node"};
const api::ObjectKey kConfigKey{"kube-flannel", "kube-flannel-cfg"};

api::Node& node(ClusterState& cluster, const char* name = "w001") {
  return cluster.nodes.at(name).node;
}

Break net_conf(std::string text) {
  return [text](ClusterState& cluster, api::MigrationSpec&) {
    cluster.config_maps.at(kConfigKey).data["net-conf.json"] = text;
  };
}

Break cni_conf(std::string text) {
  return [text](ClusterState& cluster, api::MigrationSpec&) {
    cluster.config_maps.at(kConfigKey).data["cni-conf.json"] = text;
  };
}

Break flannel_with(std::string pointer, std::string json) {
  return [pointer, json](ClusterState& cluster, api::MigrationSpec&) {
    auto& set = cluster.daemon_sets.at(kFlannelKey);
    set = with(set, pointer, json);
  };
}

Break calico_with(std::string pointer, std::string json) {
  return [pointer, json](ClusterState& cluster, api::MigrationSpec&) {
    auto& set = cluster.daemon_sets.at(kCalicoKey);
    set = with(set, pointer, json);
  };
}

Break on_node(NodeChange change) {
  return [change](ClusterState& cluster, api::MigrationSpec&) { change(node(cluster)); };
}

Break pool(api::IpPool object) {
  return [object](ClusterState& cluster, api::MigrationSpec&) {
    cluster.pools[object.meta.name] = object;
  };
}

void add_second_flannel(ClusterState& cluster, api::MigrationSpec&) {
  auto set = with(a_flannel_set(), "/metadata/namespace", R"("other")");
  cluster.daemon_sets[api::key_of(set.meta)] = set;
}

void spoil_originals(ClusterState& cluster, api::MigrationSpec&) {
  const auto map =
      a_config_map("flannel-migration", "flannel-migration-originals", {{"ipam.json", "nonsense"}});
  cluster.config_maps[api::key_of(map.meta)] = map;
}

// It may not get pods.
Break account_lacks(api::ObjectKey set, std::string account) {
  return [set, account](ClusterState& cluster, api::MigrationSpec&) {
    cluster.missing_account_rights = {{set, {set.ns, account}, {"get", "", "pods"}}};
  };
}

std::vector<Row> flannel_rows() {
  return {
      {"no flannel", [](auto& c, auto&) { c.daemon_sets.erase(kFlannelKey); }, "FlannelFound",
       Severity::Block, "no DaemonSet runs flanneld", "spec.flannel.daemonSet"},
      {"the named one is not there",
       [](auto&, auto& s) {
         s.flannel.daemon_set = api::ObjectKey{"a", "b"};
       },
       "FlannelFound", Severity::Block, "a/b", "flanneld is run by kube-flannel/kube-flannel-ds"},
      {"two of them on the same nodes", add_second_flannel, "FlannelSingle", Severity::Block,
       "other/kube-flannel-ds on 2 nodes that Calico is to have: w001, w002",
       "kubectl -n other delete daemonset kube-flannel-ds"},
      {"two of them, and one is named",
       [](auto& c, auto& s) {
         add_second_flannel(c, s);
         s.flannel.daemon_set = kFlannelKey;
       },
       "FlannelSingle", Severity::Block, "other/kube-flannel-ds on 2 nodes", "delete daemonset"},
      {"too old", flannel_with("/spec/template/spec/containers/0/image", R"("flannel:v0.9.0")"),
       "FlannelVersion", Severity::Block, "0.9.0", "Upgrade"},
      {"no version", flannel_with("/spec/template/spec/containers/0/image", R"("flannel:latest")"),
       "FlannelVersion", Severity::Warn, "flannel:latest", "Make sure"},
      {"etcd",
       flannel_with("/spec/template/spec/containers/0/args",
                    R"(["--etcd-endpoints=http://e:2379"])"),
       "FlannelStore", Severity::Block, "etcd", "Kubernetes API"},
      {"unreadable configuration", net_conf("{"), "FlannelConfiguration", Severity::Block,
       "kube-flannel/kube-flannel-cfg", "Correct"},
      {"no configuration", [](auto& c, auto&) { c.config_maps.erase(kConfigKey); },
       "FlannelConfiguration", Severity::Block, "kube-flannel/kube-flannel-cfg",
       "configmaps/kube-flannel-cfg"},
      {"another delegate than a bridge",
       cni_conf(R"({"plugins":[{"type":"flannel","delegate":{"type":"ptp"}}]})"), "FlannelCNI",
       Severity::Block,
       "ConfigMap kube-flannel/kube-flannel-cfg leaves pods to the plugin 'ptp', wanted bridge",
       "restart flannel"},
      {"another IPAM plugin",
       cni_conf(R"({"plugins":[{"type":"flannel","ipam":{"type":"dhcp"}}]})"), "FlannelCNI",
       Severity::Block, "has addresses from the plugin 'dhcp', wanted host-local", "Change it"},
      {"leases where no agent looks",
       cni_conf(R"({"plugins":[{"type":"flannel","ipam":{"dataDir":"/run/leases"}}]})"),
       "FlannelCNI", Severity::Block, "leases in /run/leases, wanted a folder below /var/lib/cni",
       "Change it"},
      {"no network", net_conf(R"({"Backend":{"Type":"vxlan"}})"), "FlannelNetwork", Severity::Block,
       "names no Network", "spec.flannel.network"},
      {"IPv6 that flannel has not",
       [](auto&, auto& s) { s.flannel.ipv6_network = cidr("fd00:10:244::/48"); }, "FlannelIPv6",
       Severity::Block, "fd00:10:244::/48", "Leave spec.flannel.ipv6Network out"},
      {"a port that is not flannel's", [](auto&, auto& s) { s.flannel.port = 4789; },
       "FlannelValues", Severity::Warn,
       "port is 4789, but ConfigMap kube-flannel/kube-flannel-cfg says 8472",
       "Leave spec.flannel.port out"},
      {"a network that is not flannel's",
       [](auto&, auto& s) { s.flannel.network = cidr("10.244.0.0/17"); }, "FlannelValues",
       Severity::Warn, "network is 10.244.0.0/17", "Leave spec.flannel.network out"},
      {"another subnet length", [](auto&, auto& s) { s.flannel.subnet_length = 25; },
       "FlannelValues", Severity::Warn, "spec.podCIDRs of the nodes says 24", "subnetLength out"},
      {"another backend", net_conf(R"({"Network":"10.244.0.0/16","Backend":{"Type":"host-gw"}})"),
       "FlannelBackend", Severity::Block, "host-gw", "Backend.Type"},
      {"DirectRouting",
       net_conf(R"({"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","DirectRouting":true}})"),
       "FlannelDirectRouting", Severity::Block, "true", "DirectRouting to false"},
      {"GBP", net_conf(R"({"Network":"10.244.0.0/16","Backend":{"Type":"vxlan","GBP":true}})"),
       "FlannelGBP", Severity::Block, "true", "GBP to false"},
      {"the addon-manager owns it",
       flannel_with("/metadata/labels", R"({"addonmanager.kubernetes.io/mode":"Reconcile"})"),
       "FlannelOwner", Severity::Block, "addonmanager", "addon-manager"},
      {"Helm owns it",
       flannel_with("/metadata/annotations", R"({"meta.helm.sh/release-name":"flannel",
                                             "meta.helm.sh/release-namespace":"kube-flannel"})"),
       "FlannelOwner", Severity::Warn, "Helm", "Run no helm upgrade"},
  };
}

std::vector<Row> calico_rows() {
  return {
      {"not installed",
       [](auto& c, auto&) {
         c.unseen = {{"ippools", Unseen::NotServed}};
       },
       "CalicoDefinitions", Severity::Block, "ippools", "flannel-migration manifest"},
      {"the other group", [](auto& c, auto&) { c.calico_v3_group = true; }, "CalicoDefinitions",
       Severity::Block, "projectcalico.org/v3", "crd.projectcalico.org"},
      {"no DaemonSet", [](auto& c, auto&) { c.daemon_sets.erase(kCalicoKey); }, "CalicoNode",
       Severity::Block, "kube-system/calico-node", "spec.calico.daemonSet"},
      {"no ConfigMap",
       [](auto& c, auto&) {
         c.config_maps.erase({"kube-system", "calico-config"});
       },
       "CalicoConfig", Severity::Warn, "kube-system/calico-config", "MTU"},
      {"not held back", calico_with("/spec/template/spec/nodeSelector", "{}"), "CalicoNodeSelector",
       Severity::Block, "kube-system/calico-node", "kubectl -n kube-system"},
      {"locked", [](auto& c, auto&) { c.cluster_information->datastore_ready = false; },
       "CalicoDatastore", Severity::Block, "datastoreReady false", "kubectl patch"},
      {"a pool that is not VXLAN",
       pool(a_pool_of(
           R"({"metadata":{"name":"mine"},"spec":{"cidr":"10.244.0.0/16","ipipMode":"Always","blockSize":26}})")),
       "IPPoolCompatible", Severity::Block, "mine", "kubectl patch"},
      {"a pool of another block size", pool(a_pool("mine", "10.244.0.0/16", 24)),
       "IPPoolCompatible", Severity::Block, "blockSize is 24", "spec.calico.blockSize"},
  };
}

std::vector<Row> node_rows() {
  return {
      {"no pod CIDR", on_node([](auto& n) { n.pod_cidrs.clear(); }), "NodePodCIDR", Severity::Block,
       "w001", "allocate-node-cidrs"},
      {"a pod CIDR outside", on_node(with_pod_cidr("10.99.1.0/24")), "NodePodCIDRRange",
       Severity::Block, "w001", "spec.flannel.network"},
      {"no annotations", on_node(without_flannel()), "NodeAnnotations", Severity::Block, "w001",
       "kubectl -n kube-flannel"},
      {"unreadable annotations",
       on_node(with_annotation("flannel.alpha.coreos.com/backend-data", "{")), "NodeAnnotations",
       Severity::Block, "w001 (", "kubectl -n kube-flannel"},
      {"another backend on a node",
       on_node(with_annotation("flannel.alpha.coreos.com/backend-type", "udp")), "NodeBackend",
       Severity::Block, "w001 (udp)", "kubectl -n kube-flannel"},
      {"another VNI on a node",
       on_node(with_annotation("flannel.alpha.coreos.com/backend-data",
                               R"({"VNI":9,"VtepMAC":"0a:00:00:00:00:01"})")),
       "NodeVNI", Severity::Block, "w001 (9)", "spec.flannel.vni"},
      {"a block of another node",
       [](auto& c, auto&) { c.blocks[cidr("10.244.1.64/26")] = a_block("w002", "10.244.1.64/26"); },
       "IPAMBlocks", Severity::Block, "10.244.1.64/26 of node w001 is held by node w002",
       "IPAMBlock"},
      {"a block of a node that is gone",
       [](auto& c, auto&) { c.blocks[cidr("10.244.1.64/26")] = a_block("old", "10.244.1.64/26"); },
       "IPAMBlocks", Severity::Block, "node old, which does not exist any more", "IPAMBlock"},
      {"a pod on the tunnel address",
       [](auto& c, auto&) {
         auto& block = c.blocks[cidr("10.244.1.0/26")] = a_block("w001", "10.244.1.0/26");
         block.allocated[0] = "k8s-pod-network.abc";
       },
       "IPAMAddresses", Severity::Block, "10.244.1.0", "Delete the pod"},
      {"fewer addresses than pods and those that replace them", on_node([](auto& n) {
         n.pod_cidrs = {cidr("10.244.1.0/25")};
         n.max_pods = 63;
       }),
       "NodeAddresses", Severity::Warn, "w001 (124 addresses, up to 63 pods)",
       "Nothing has to be done"},
      {"not Ready", on_node(not_ready()), "NodeHealth", Severity::Warn, "w001", "maxUnavailable"},
      {"cordoned", on_node(cordoned()), "NodeCordoned", Severity::Warn, "w001", "stay cordoned"},
      {"a selector without a node",
       [](auto&, auto& m) {
         m.rollout.node_selector = {{"pool", "blue"}};
       },
       "NodeSelector", Severity::Block, "spec.rollout.nodeSelector", "label the nodes"},
      {"a topology key that no node carries",
       [](auto&, auto& m) { m.rollout.topology_key = "rack"; }, "NodeTopology", Severity::Warn,
       "nodes without the label rack: w001, w002", "label the nodes"},
      {"as many canaries as nodes", [](auto&, auto& m) { m.rollout.canary.nodes = 2; },
       "NodeCanaries", Severity::Warn,
       "spec.rollout.canary.nodes is 2, and 2 nodes are to be moved",
       "Lower spec.rollout.canary.nodes"},
      {"a missing permission", [](auto& c, auto&) { c.missing_permissions = {"patch nodes"}; },
       "Permissions", Severity::Block, "patch nodes", "ServiceAccount"},
      {"an account of Calico's without a right", account_lacks(kCalicoKey, "calico-cni-plugin"),
       "CalicoRights", Severity::Block,
       "system:serviceaccount:kube-system:calico-cni-plugin may not get pods",
       "kubectl create clusterrole calico-cni-plugin-get-pods --verb=get --resource=pods && "
       "kubectl create clusterrolebinding calico-cni-plugin-get-pods "
       "--clusterrole=calico-cni-plugin-get-pods "
       "--serviceaccount=kube-system:calico-cni-plugin"},
      {"a kind that may not be read",
       [](auto& c, auto&) {
         c.unseen = {{"nodes", Unseen::Refused}};
       },
       "Permissions", Severity::Block, "list and watch nodes", "ServiceAccount"},
      {"a kind whose lists fail",
       [](auto& c, auto&) {
         c.unseen = {{"pods", Unseen::Lost}};
       },
       "ApiServer", Severity::Block, "for minutes of: pods", "load balancer"},
      {"no image for agents", [](auto& c, auto&) { c.self.has_agent_image = false; }, "AgentImage",
       Severity::Block, "--agent-image", "spec.agent.image"},
      {"a record that cannot be read", spoil_originals, "SavedOriginals", Severity::Block,
       "ipam.json", "backup"},
  };
}

std::vector<Row> all_rows() {
  auto rows = flannel_rows();
  for (auto& row : calico_rows()) rows.push_back(row);
  for (auto& row : node_rows()) rows.push_back(row);
  return rows;
}

}  // namespace

TEST_CASE("a healthy cluster passes the preflight without a word") {
  const Surveyed seen(a_flannel_cluster(nodes(3), control_planes(1)));
  const auto findings = run_preflight(seen.survey);
  for (const auto& finding : findings) UNSCOPED_INFO(finding.id << ": " << finding.observed);
  CHECK(findings.empty());
}

TEST_CASE("a preflight finding says what was seen, where, and how it is mended") {
  const auto row = GENERATE(from_range(all_rows()));
  CAPTURE(row.name);
  auto cluster = a_flannel_cluster(nodes(2));
  auto migration = a_migration();
  row.change(cluster, *migration.spec);
  const Surveyed seen(cluster, migration);
  const auto findings = run_preflight(seen.survey);
  expect_finding(findings, {row.id, row.severity, row.observed, row.fix});
  CHECK(blocks(findings) == (row.severity == Severity::Block));
}

TEST_CASE("one image for agents is enough, whoever names it") {
  auto cluster = a_flannel_cluster(nodes(2));
  cluster.self.has_agent_image = false;
  auto migration = a_migration();
  migration.spec->agent.image = "registry/agent:1";
  CHECK(run_preflight(Surveyed(cluster, migration).survey).empty());
}

TEST_CASE("everything wrong is told at once, what blocks comes first") {
  auto cluster = a_flannel_cluster(nodes(2));
  node(cluster).ready = false;
  cluster.daemon_sets.erase(kCalicoKey);
  cluster.missing_permissions = {"patch nodes"};
  const Surveyed seen(cluster);
  const auto findings = run_preflight(seen.survey);
  REQUIRE(findings.size() == 3);
  CHECK(findings[0].id == "Permissions");
  CHECK(findings[1].id == "CalicoNode");
  CHECK(findings[2].id == "NodeHealth");
}

TEST_CASE("IPv6 that flannel has not is one mistake") {
  auto migration = a_migration();
  migration.spec->flannel.ipv6_network = cidr("fd00:10:244::/48");
  const auto findings = run_preflight(Surveyed(a_flannel_cluster(nodes(2)), migration).survey);
  for (const auto& finding : findings) UNSCOPED_INFO(finding.id << ": " << finding.observed);
  CHECK(findings.size() == 1);
}

TEST_CASE("old Canal is refused by Calico's version in it") {
  const auto [image, passes] = GENERATE(table<std::string, bool>({
      {R"("calico/node:v3.6.1")", false},
      {R"("calico/node:v3.7.0")", true},
      {R"("calico/node:v3.30.0")", true},
  }));
  auto cluster = a_flannel_cluster(nodes(1), canal());
  auto& set = cluster.daemon_sets.at({"kube-system", "canal"});
  set = with(set, "/spec/template/spec/containers/0/image", image);
  const Surveyed seen(cluster);
  CHECK((find(run_preflight(seen.survey), "FlannelVersion") == nullptr) == passes);
}

TEST_CASE("many names are shortened") {
  auto cluster = a_flannel_cluster(nodes(9));
  for (auto& [name, state] : cluster.nodes) state.node.ready = false;
  const Surveyed seen(cluster);
  CHECK(find(run_preflight(seen.survey), "NodeHealth")->observed ==
        "not Ready: w001, w002, w003, w004, w005 and 4 more");
}
