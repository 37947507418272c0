#include "fakes/build/cluster.h"
#include "unit/migration/findings.h"

using namespace migration;
using namespace build;

namespace {

ClusterState a_canal_cluster_without_its_token() {
  auto cluster = a_flannel_cluster(nodes(2), canal());
  for (auto& need : calico::needs_of_canal(a_canal_set())) {
    if (need.right.subresource == "token") cluster.missing_account_rights.push_back(need);
  }
  REQUIRE(cluster.missing_account_rights.size() == 1);
  return cluster;
}

}  // namespace

TEST_CASE("Canal's right that Calico's manifest has taken away blocks in both directions") {
  const auto cluster = a_canal_cluster_without_its_token();
  auto migration = a_migration();
  const bool back = GENERATE(false, true);
  CAPTURE(back);
  if (back) migration.spec->target = api::Target::Flannel;
  const Surveyed seen(cluster, migration);
  for (const auto& findings : {run_preflight(seen.survey), run_guards(seen.survey)}) {
    expect_finding(
        findings, {"CanalRights", api::Severity::Block,
                   "system:serviceaccount:kube-system:canal may not create serviceaccounts/token "
                   "canal in kube-system",
                   "kubectl create role canal-create-serviceaccounts-token -n kube-system "
                   "--verb=create --resource=serviceaccounts/token --resource-name=canal && "
                   "kubectl create rolebinding canal-create-serviceaccounts-token -n kube-system "
                   "--role=canal-create-serviceaccounts-token --serviceaccount=kube-system:canal"});
  }
}

TEST_CASE("a cluster on its way back needs no right of Calico's") {
  auto cluster = a_flannel_cluster(nodes(2));
  const api::ObjectKey calico{"kube-system", "calico-node"};
  cluster.missing_account_rights = {{calico, calico, {"list", "", "nodes"}}};
  auto migration = a_migration();
  CHECK(find(run_guards(Surveyed(cluster, migration).survey), "CalicoRights") != nullptr);
  migration.spec->target = api::Target::Flannel;
  CHECK(find(run_guards(Surveyed(cluster, migration).survey), "CalicoRights") == nullptr);
}
