#include "unit/migration/detected.h"
#include "unit/migration/findings.h"

using namespace migration;
using namespace build;

namespace {

const api::ObjectKey kFlannelKey{"kube-flannel", "kube-flannel-ds"};
const api::ObjectKey kConfigKey{"kube-flannel", "kube-flannel-cfg"};
constexpr const char* kContainer = "/spec/template/spec/containers/0";
constexpr const char* kVolumes = "/spec/template/spec/volumes";

void change_flannel(ClusterState& cluster, const char* pointer, const char* json) {
  auto& set = cluster.daemon_sets.at(kFlannelKey);
  set = with(set, pointer, json);
}

std::vector<std::string> ids(const Findings& findings) {
  std::vector<std::string> found;
  for (const auto& finding : findings) found.push_back(finding.id);
  return found;
}

api::FlannelMigration with_every_value() {
  auto migration = a_migration();
  migration.spec->flannel.network = cidr("10.244.0.0/16");
  migration.spec->flannel.vni = 1;
  migration.spec->flannel.port = 8472;
  return migration;
}

}  // namespace

TEST_CASE(
    "a flannel that does not show itself is taken when it is named, and what is hidden is told") {
  auto cluster = a_flannel_cluster(nodes(2));
  change_flannel(cluster, kContainer,
                 R"({"name":"net","image":"registry/x@sha256:01","command":["/start.sh"]})");
  CHECK(find(run_preflight(Surveyed(cluster).survey), "FlannelFound") != nullptr);
  auto migration = a_migration();
  migration.spec->flannel.daemon_set = kFlannelKey;
  auto findings = run_preflight(Surveyed(cluster, migration).survey);
  CHECK(ids(findings) ==
        std::vector<std::string>{"FlannelOptions", "FlannelRecognised", "FlannelVersion"});
  expect_finding(findings, {"FlannelRecognised", api::Severity::Warn,
                            "kube-flannel/kube-flannel-ds", "correct spec.flannel.daemonSet"});
  expect_finding(findings, {"FlannelOptions", api::Severity::Block,
                            "--ip-masq may be in what /start.sh runs", "spec.flannel.ipMasq"});
  CHECK_THAT(source_of(Surveyed(cluster, migration).survey.settings, "ipMasq"),
             Catch::Contains("not known: --ip-masq may be in what /start.sh runs"));
  migration.spec->flannel.ip_masq = true;
  findings = run_preflight(Surveyed(cluster, migration).survey);
  CHECK_FALSE(blocks(findings));
  CHECK(Surveyed(cluster, migration).survey.net_conf.has_value());
}

TEST_CASE(
    "configuration that is not in a ConfigMap is asked for, and does not block when it is given") {
  auto cluster = a_flannel_cluster(nodes(2));
  change_flannel(cluster, kVolumes, R"([{"name":"c","secret":{"secretName":"net"}}])");
  change_flannel(cluster, "/spec/template/spec/containers/0/volumeMounts",
                 R"([{"name":"c","mountPath":"/etc/kube-flannel"}])");
  auto findings = run_preflight(Surveyed(cluster).survey);
  expect_finding(findings, {"FlannelConfiguration", api::Severity::Block,
                            "net-conf.json is in Secret net, which is not read",
                            "Give spec.flannel.network, vni and port"});
  CHECK_THAT(source_of(Surveyed(cluster).survey.settings, "port"),
             Catch::Contains("net-conf.json is not read"));
  findings = run_preflight(Surveyed(cluster, with_every_value()).survey);
  CHECK_FALSE(blocks(findings));
}

TEST_CASE(
    "a configuration that is refused or cannot be read does not block when every value is given") {
  const auto [name, change] = GENERATE(table<std::string, StateChange>({
      {"refused",
       [](ClusterState& c) {
         c.config_maps.erase(kConfigKey);
         c.unseen[unseen_config_map(kConfigKey)] = Unseen::Refused;
       }},
      {"not there", [](ClusterState& c) { c.config_maps.erase(kConfigKey); }},
      {"no JSON",
       [](ClusterState& c) { c.config_maps.at(kConfigKey).data["net-conf.json"] = "{"; }},
  }));
  CAPTURE(name);
  auto cluster = a_flannel_cluster(nodes(2));
  change(cluster);
  CHECK(blocks(run_preflight(Surveyed(cluster).survey)));
  CHECK_FALSE(blocks(run_preflight(Surveyed(cluster, with_every_value()).survey)));
}

TEST_CASE("of all that flannel's DaemonSet mounts the ConfigMap with the key is taken") {
  auto cluster = a_flannel_cluster(nodes(2));
  change_flannel(cluster, kVolumes,
                 R"([{"configMap":{"name":"flannel-kubeconfig"}},{"configMap":{"name":"net"}}])");
  cluster.config_maps[{"kube-flannel", "flannel-kubeconfig"}] =
      a_config_map("kube-flannel", "flannel-kubeconfig", {{"kubeconfig", "x"}});
  auto moved = cluster.config_maps.at(kConfigKey);
  moved.meta.name = "net";
  cluster.config_maps.erase(kConfigKey);
  cluster.config_maps[{"kube-flannel", "net"}] = moved;
  CHECK(run_preflight(Surveyed(cluster).survey).empty());
  moved.data.erase("net-conf.json");
  cluster.config_maps[{"kube-flannel", "net"}] = moved;
  expect_finding(run_preflight(Surveyed(cluster).survey),
                 {"FlannelConfiguration", api::Severity::Block,
                  "has a key net-conf.json: flannel-kubeconfig, net", "spec.flannel.network"});
}

TEST_CASE("Canal masquerades as its ConfigMap says") {
  auto cluster = a_flannel_cluster(nodes(1), canal());
  auto& set = cluster.daemon_sets.at({"kube-system", "canal"});
  set = with(set, "/spec/template/spec/containers/1/command",
             R"(["/opt/bin/flanneld","--kube-subnet-mgr"])");
  set = with(set, "/spec/template/spec/containers/1/env",
             R"([{"name":"FLANNELD_IP_MASQ","valueFrom":
                  {"configMapKeyRef":{"name":"canal-config","key":"masquerade"}}}])");
  CHECK(source_of(Surveyed(cluster).survey.settings, "ipMasq") == "default of flanneld");
  cluster.config_maps.at({"kube-system", "canal-config"}).data["masquerade"] = "true";
  CHECK(Surveyed(cluster).survey.settings.ip_masq);
}

TEST_CASE("flannel without the subnet manager is refused for its store") {
  auto cluster = a_flannel_cluster(nodes(2));
  change_flannel(cluster, "/spec/template/spec/containers/0/args", R"(["--ip-masq"])");
  expect_finding(run_preflight(Surveyed(cluster).survey),
                 {"FlannelStore", api::Severity::Block, "etcd", "Kubernetes API"});
}

TEST_CASE("what was saved is recognised with the ConfigMaps that are there") {
  auto cluster = a_flannel_cluster(nodes(1));
  auto set = cluster.daemon_sets.at(kFlannelKey);
  set = with(set, kContainer, R"({"name":"net","image":"x","command":["/start.sh"]})");
  Originals originals;
  originals.flannel_sets[kFlannelKey] = set.json;
  const auto saved = saved_flannel(originals, cluster);
  REQUIRE(saved);
  CHECK(saved->config_map == "kube-flannel-cfg");
}
