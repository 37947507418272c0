#include "migration/facts/left_alone.h"
#include "unit/migration/findings.h"

using namespace migration;
using namespace build;

namespace {

void add_windows_node(ClusterState& cluster, const NodeChange& flannel,
                      const std::string& pod_cidr = "10.244.77.0/24") {
  auto& node = cluster.nodes["win"].node;
  node = a_node("win", with_label("kubernetes.io/os", "windows"), flannel);
  node.os = "windows";
  node.pod_cidrs.clear();
  if (!pod_cidr.empty()) with_pod_cidr(pod_cidr)(node);
}

NodeChange annotated(const std::string& name, const std::string& value) {
  return [name, value](api::Node& node) {
    with_flannel("0a:00:00:00:00:77", "192.168.0.77")(node);
    node.meta.annotations["flannel.alpha.coreos.com/" + name] = value;
  };
}

api::DaemonSet flannel_of_windows(const std::string& ns) {
  auto set = with(a_flannel_set(), "/metadata/name", R"("a-windows")");
  set = with(set, "/metadata/namespace", '"' + ns + '"');
  return with(set, "/spec/template/spec/nodeSelector", R"({"kubernetes.io/os":"windows"})");
}

// A Windows node that Calico cannot be told of, and why.
struct Row {
  std::string name;
  NodeChange flannel;
  std::string pod_cidr;
  std::string observed;
};

std::vector<Row> rows() {
  const std::string cidr = "10.244.77.0/24";
  return {
      {"on the same wire only", annotated("backend-type", "host-gw"), cidr, "backend is host-gw"},
      {"with an end point that cannot be read", annotated("backend-data", R"({"VtepMAC":"x"})"),
       cidr, "backend-data"},
      {"with another VNI",
       annotated("backend-data", R"({"VNI":4096,"VtepMAC":"0a:00:00:00:00:77"})"), cidr,
       "its VNI is 4096, and 1 elsewhere"},
      {"without an end point", annotated("backend-data", "null"), cidr, "is missing"},
      {"outside", annotated("backend-type", "vxlan"), "10.99.0.0/24",
       "outside of flannel's network"},
      {"without a pod CIDR", annotated("backend-type", "vxlan"), "", "no pod CIDR"},
      {"small", annotated("backend-type", "vxlan"), "10.244.77.0/28", "smaller than one block"},
  };
}

}  // namespace

TEST_CASE("a Windows node on flannel is left alone, told of, and recorded for Calico") {
  auto cluster = a_flannel_cluster(nodes(2));
  add_windows_node(cluster, with_flannel("0a:00:00:00:00:77", "192.168.0.77"));
  const Surveyed seen(cluster);
  REQUIRE(seen.survey.left_alone.size() == 1);
  CHECK(seen.survey.left_alone[0].left_alone == "runs windows");
  CHECK(seen.survey.nodes.size() == 2);
  CHECK(recorded_nodes(seen.survey).size() == 3);
  const auto findings = run_preflight(seen.survey);
  CHECK_FALSE(blocks(findings));
  expect_finding(findings, {"NodeOperatingSystem", api::Severity::Warn, "win (windows)",
                            "Calico for Windows"});
  CHECK_THAT(find(findings, "NodesLeftAlone")->observed,
             Catch::Contains("win (runs windows; its tunnel end point is told to Calico)"));
}

TEST_CASE("a Windows node that would be cut off is refused, until spec.windows leaves it") {
  const auto row = GENERATE(from_range(rows()));
  CAPTURE(row.name);
  auto cluster = a_flannel_cluster(nodes(2));
  add_windows_node(cluster, row.flannel, row.pod_cidr);
  auto migration = a_migration();
  const bool leave = GENERATE(false, true);
  if (leave) migration.spec->windows = api::WindowsNodes::LeaveOnFlannel;
  const Surveyed seen(cluster, migration);
  const auto findings = run_preflight(seen.survey);
  CHECK(seen.survey.left_alone.size() == 1);
  CHECK(blocks(findings) == !leave);
  expect_finding(findings,
                 {"NodeOperatingSystem", leave ? api::Severity::Warn : api::Severity::Block,
                  row.observed, "set spec.windows to LeaveOnFlannel"});
  CHECK_THAT(find(findings, "NodesLeftAlone")->observed, !Catch::Contains("told to Calico"));
}

TEST_CASE("Calico is told nothing of a tunnel with another VNI") {
  auto cluster = a_flannel_cluster(nodes(2));
  add_windows_node(cluster,
                   annotated("backend-data", R"({"VNI":4096,"VtepMAC":"0a:00:00:00:00:77"})"));
  CHECK(recorded_nodes(Surveyed(cluster).survey).size() == 2);
}

TEST_CASE("a Windows node that flannel does not serve is in no count") {
  auto cluster = a_flannel_cluster(nodes(2));
  add_windows_node(cluster, without_flannel());
  const Surveyed seen(cluster);
  CHECK(seen.survey.left_alone.empty());
  CHECK(seen.survey.other_nodes == 1);
  CHECK(run_preflight(seen.survey).empty());
}

TEST_CASE("the flannel of Windows nodes is another installation, and nobody has to say so") {
  auto cluster = a_flannel_cluster(nodes(2));
  const auto set = flannel_of_windows(GENERATE("kube-flannel", "a-namespace", "kube-system"));
  cluster.daemon_sets[api::key_of(set.meta)] = set;
  add_windows_node(cluster, with_flannel("0a:00:00:00:00:77", "192.168.0.77"));
  const Surveyed seen(cluster);
  REQUIRE(seen.survey.install);
  CHECK(seen.survey.install->key.name == "kube-flannel-ds");
  CHECK(seen.survey.flannel_sets.size() == 1);
  const auto findings = run_preflight(seen.survey);
  CHECK_FALSE(blocks(findings));
  CHECK(find(findings, "FlannelSingle") == nullptr);
}

TEST_CASE("a flannel of Windows nodes alone is none that could be moved") {
  auto cluster = a_flannel_cluster(nodes(2));
  cluster.daemon_sets.erase({"kube-flannel", "kube-flannel-ds"});
  const auto set = flannel_of_windows("kube-flannel");
  cluster.daemon_sets[api::key_of(set.meta)] = set;
  CHECK(find(run_preflight(Surveyed(cluster).survey), "FlannelFound") != nullptr);
}
