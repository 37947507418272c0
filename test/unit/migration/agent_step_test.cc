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
