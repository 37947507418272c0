#include "migration/agent_step.h"

#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

TEST_CASE("Felix's health port is asked for where Felix takes it from") {
  const auto [env, configured, wanted] = GENERATE(table<std::string, std::string, int>({
      {"[]", "", 9099},
      {"[]", "{}", 9099},
      {"[]", R"({"healthPort":9199})", 9199},
      {R"([{"name":"FELIX_HEALTHPORT","value":"9299"}])", R"({"healthPort":9199})", 9299},
      {R"([{"name":"FELIX_HEALTHPORT","value":"soon"}])", R"({"healthPort":9199})", 9199},
      {R"([{"name":"FELIX_HEALTHPORT","value":"0"}])", R"({"healthPort":65536})", 9099},
  }));
  CAPTURE(env, configured);
  auto cluster = a_cluster_of();
  auto& set = cluster.daemon_sets.at({"kube-system", "calico-node"});
  set = with(set, "/spec/template/spec/containers/0/env", env);
  if (!configured.empty()) cluster.felix = a_felix(configured);
  const Surveyed seen(cluster);
  const auto task = agent_task(seen.survey, seen.node("w1"), api::AgentOperation::HandBack, 1);
  CHECK(task.felix_health_port == wanted);
}

TEST_CASE("agents are told the network of flannel's CNI configuration") {
  auto cluster = a_flannel_cluster(nodes(1), canal());
  cluster.config_maps.at({"kube-system", "canal-config"}).data["cni_network_config"] =
      R"({"name":"k8s-pod-network","plugins":[{"type":"calico","mtu":__CNI_MTU__}]})";
  const Surveyed seen(cluster);
  const auto& node = seen.survey.nodes.front();
  CHECK(agent_task(seen.survey, node, api::AgentOperation::HandBack, 1).lease_network ==
        "k8s-pod-network");
}

TEST_CASE("Verify takes as long as verify.timeout lets it, the others as long as agent.timeout") {
  const Surveyed seen(a_cluster_of(), a_migration([](api::MigrationSpec& spec) {
                        spec.verify.timeout = base::Duration(20'000);
                        spec.agent.timeout = base::Duration(60'000);
                      }));
  const auto timeout_of = [&](api::AgentOperation operation) {
    return agent_task(seen.survey, seen.node("w1"), operation, 1).timeout_seconds;
  };
  // Four fifths of it are for the work.
  CHECK(timeout_of(api::AgentOperation::Verify) == 25);
  CHECK(timeout_of(api::AgentOperation::HandOver) == 60);
}
