#include "migration/facts/felix_values.h"

#include "fakes/build/objects.h"
#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

namespace {

// What the DaemonSet's environment says, the FelixConfiguration of all nodes, and that of w1.
struct Said {
  std::string env = "[]";
  std::string all;
  std::string own;
};

FelixValues values(const Said& said) {
  auto cluster = a_cluster_of();
  auto& set = cluster.daemon_sets.at({"kube-system", "calico-node"});
  set = with(set, "/spec/template/spec/containers/0/env", said.env);
  if (!said.all.empty()) cluster.felix = a_felix(said.all);
  if (!said.own.empty()) cluster.node_felix["node.w1"] = a_felix(said.own);
  const Surveyed seen(cluster);
  return felix_values(seen.survey, "w1");
}

}  // namespace

TEST_CASE("Felix's health port is asked for where Felix takes it from") {
  const auto [env, all, own, wanted] = GENERATE(table<std::string, std::string, std::string, int>({
      {"[]", "", "", 9099},
      {"[]", "{}", "{}", 9099},
      {"[]", R"({"healthPort":9199})", "", 9199},
      {"[]", R"({"healthPort":9199})", R"({"healthPort":9399})", 9399},
      {R"([{"name":"FELIX_HEALTHPORT","value":"9299"}])", R"({"healthPort":9199})",
       R"({"healthPort":9399})", 9299},
      {R"([{"name":"FELIX_HEALTHPORT","value":"soon"}])", R"({"healthPort":9199})", "", 9199},
      {R"([{"name":"FELIX_HEALTHPORT","value":"9299/tcp"}])", R"({"healthPort":9199})", "", 9199},
      {R"([{"name":"FELIX_HEALTHPORT","value":"0"}])", R"({"healthPort":65536})", "", 9099},
  }));
  CAPTURE(env, all, own);
  CHECK(values({env, all, own}).health_port == wanted);
}

TEST_CASE("so is the protocol of its routes to peers") {
  const auto [env, all, own, wanted] = GENERATE(table<std::string, std::string, std::string, int>({
      {"[]", "", "", 3},
      {"[]", R"({"deviceRouteProtocol":80})", "", 80},
      {"[]", R"({"deviceRouteProtocol":80})", R"({"deviceRouteProtocol":99})", 99},
      {R"([{"name":"FELIX_DEVICEROUTEPROTOCOL","value":"81"}])", R"({"deviceRouteProtocol":80})",
       "", 81},
      {"[]", R"({"deviceRouteProtocol":256})", R"({"deviceRouteProtocol":-1})", 3},
  }));
  CAPTURE(env, all, own);
  CHECK(values({env, all, own}).route_protocol == wanted);
}
