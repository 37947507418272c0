#include "migration/preflight.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>

using namespace migration;
using namespace build;

namespace {

using Break = std::function<void(ClusterState&)>;

struct Row {
  std::string name;
  Break change;
  std::string id;
  // Words of the finding.
  std::string observed;
  std::string fix;
};

api::Node& node(ClusterState& cluster, const char* name = "w001") {
  return cluster.nodes.at(name).node;
}

Break on_node(NodeChange change) {
  return [change](ClusterState& cluster) { change(node(cluster)); };
}

std::vector<Row> rows() {
  return {
      {"the same pod CIDR", on_node(with_pod_cidr("10.244.2.0/24")), "NodePodCIDROverlap",
       "w001 and w002 (10.244.2.0/24, 10.244.2.0/24)", "kubectl delete node"},
      {"a pod CIDR in another one, with others between",
       [](auto& c) {
         node(c).pod_cidrs = {cidr("10.244.128.0/18")};
         node(c, "w002").pod_cidrs = {cidr("10.244.180.0/24")};
         c.nodes["w003"].node = a_node("w003", with_pod_cidr("10.244.64.0/18"),
                                       with_flannel("0a:00:00:00:00:03", "192.168.0.3"));
       },
       "NodePodCIDROverlap", "pod CIDRs overlap: w001 and w002 (10.244.128.0/18, 10.244.180.0/24)",
       "join again"},
      {"the same public address", on_node(with_flannel("0a:00:00:00:00:01", "192.168.0.2")),
       "NodePublicIP", "w001 and w002 (192.168.0.2)", "public-ip-overwrite"},
      {"the same MAC", on_node(with_flannel("0a:00:00:00:00:02", "192.168.0.1")), "NodeVtepMAC",
       "w001 and w002 (0a:00:00:00:00:02)", "ip link delete flannel.1"},
      {"the same MAC as a device's",
       [](auto& c) {
         auto& device = c.nodes["device"].node =
             a_node("device", with_pod_cidr("10.244.9.0/24"),
                    with_flannel("0a:00:00:00:00:02", "192.168.0.9"), not_ready());
         device.has_kubelet = false;
       },
       "NodeVtepMAC", "device and w002 (0a:00:00:00:00:02)", "flannel.1"},
  };
}

const api::Finding* find(const Findings& findings, const std::string& id) {
  const auto found =
      std::find_if(findings.begin(), findings.end(), [&](const auto& f) { return f.id == id; });
  return found == findings.end() ? nullptr : &*found;
}

}  // namespace

TEST_CASE("nodes that claim one thing are told of, both of them") {
  const auto row = GENERATE(from_range(rows()));
  CAPTURE(row.name);
  auto cluster = a_flannel_cluster(nodes(2));
  row.change(cluster);
  const auto findings = run_preflight(Surveyed(cluster).survey);
  const auto* finding = find(findings, row.id);
  REQUIRE(finding != nullptr);
  CHECK(finding->severity == api::Severity::Block);
  CHECK_THAT(finding->observed, Catch::Contains(row.observed));
  CHECK_THAT(finding->fix, Catch::Contains(row.fix));
  CHECK_FALSE(finding->wanted.empty());
}

TEST_CASE("which addresses are one node's own in both families is no matter") {
  auto cluster = a_flannel_cluster(nodes(3), dual_stack());
  with_flannel_v6("0a:00:00:00:00:01", "fd00:192::1")(node(cluster));
  CHECK(run_preflight(Surveyed(cluster).survey).empty());
  with_flannel_v6("0a:00:00:00:00:03", "fd00:192::2")(node(cluster, "w003"));
  const auto findings = run_preflight(Surveyed(cluster).survey);
  CHECK(find(findings, "NodePublicIP")->observed ==
        "nodes with the same flannel public-ip: w002 and w003 (fd00:192::2)");
}
