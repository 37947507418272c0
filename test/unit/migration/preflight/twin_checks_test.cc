#include "unit/migration/findings.h"

using namespace migration;
using namespace build;

namespace {

api::Node& node(ClusterState& cluster, const char* name = "w001") {
  return cluster.nodes.at(name).node;
}

StateChange on_node(NodeChange change) {
  return [change](ClusterState& cluster) { change(node(cluster)); };
}

std::vector<Blocked> rows() {
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

}  // namespace

TEST_CASE("nodes that claim one thing are told of, both of them") {
  expect_blocked(GENERATE(from_range(rows())));
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
