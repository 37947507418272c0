#include "api/daemon_set.h"

#include "unit/api/parsed.h"

#include <catch2/catch.hpp>

using parsed::document;

namespace {

constexpr std::string_view kSet =
    R"({"metadata":{"name":"kube-flannel-ds","namespace":"kube-flannel","generation":2},
  "spec":{"selector":{"matchLabels":{"app":"flannel"}},"updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":0,"maxUnavailable":1}},
   "template":{"spec":{"serviceAccountName":"flannel","nodeSelector":{"kubernetes.io/os":"linux"},
    "initContainers":[{"name":"i","image":"plugin","command":["cp"],"args":["a","b"]}],
    "containers":[{"name":"kube-flannel","image":"flannel","command":["/opt/bin/flanneld"],"args":["--ip-masq"],
      "env":[{"name":"A","value":"1"},{"name":"E","valueFrom":{"fieldRef":{"fieldPath":"spec.serviceAccountName"}}},{"name":"B","valueFrom":{"configMapKeyRef":{"name":"from-env","key":"k","optional":true}}},
        {"name":"C","valueFrom":{"secretKeyRef":{"name":"hidden","key":"k"}}},{"name":"D","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
      "envFrom":[{"prefix":"P_","configMapRef":{"name":"from-all"}},{"secretRef":{"name":"all-hidden"}}],
      "volumeMounts":[{"name":"cfg","mountPath":"/etc/kube-flannel","subPath":"a","readOnly":true},{"name":"run","mountPath":"/run/flannel"}]}],
    "volumes":[{"name":"run","hostPath":{"path":"/run/flannel"}},{"name":"cfg","configMap":{"name":"kube-flannel-cfg","items":[{"key":"k","path":"a/b"}]}},
      {"name":"all","projected":{"sources":[{"configMap":{"name":"projected"}},{"secret":{"name":"s"}}]}},{"name":"cfg-2","configMap":{"name":"kube-flannel-cfg"}},
      {"name":"hidden","secret":{"secretName":"t"}},{"name":"tmp","emptyDir":{}}]}}},
  "status":{"observedGeneration":2,"desiredNumberScheduled":3,"currentNumberScheduled":3,"numberReady":3,
    "updatedNumberScheduled":3,"numberAvailable":3}})";

api::DaemonSet daemon_set() { return api::parse_daemon_set(document(kSet).root()); }

}  // namespace

TEST_CASE("a DaemonSet is read") {
  const auto set = daemon_set();
  CHECK(set.selector == api::StringMap{{"app", "flannel"}});
  CHECK(set.node_selector == api::StringMap{{"kubernetes.io/os", "linux"}});
  CHECK(set.service_account == "flannel");
  CHECK(set.update_strategy == "RollingUpdate");
  CHECK(set.init_containers ==
        std::vector<api::ContainerSpec>{{"i", "plugin", {"cp", "a", "b"}, {}}});
  REQUIRE(set.containers.size() == 1);
  const auto& container = set.containers[0];
  CHECK(container.command == std::vector<std::string>{"/opt/bin/flanneld", "--ip-masq"});
  CHECK(container.env == api::StringMap{{"A", "1"}, {"E", "flannel"}});
  CHECK(set.config_maps ==
        std::vector<std::string>{"kube-flannel-cfg", "projected", "from-all", "from-env"});
  CHECK(set.host_paths == std::vector<std::string>{"/run/flannel"});
  CHECK(document(set.json) == document(kSet));
}

TEST_CASE("where a container's variables come from is read, a whole object before single keys") {
  const auto container = daemon_set().containers.at(0);
  CHECK(container.env_sources ==
        std::vector<api::EnvSource>{{"P_", "from-all", "", "", true, false},
                                    {"", "", "", "Secret all-hidden", true, false},
                                    {"B", "from-env", "k", "", false, true},
                                    {"C", "", "", "Secret hidden", false, false},
                                    {"D", "", "", "a field of the pod", false, false}});
}

TEST_CASE("where a container's files come from is read") {
  const auto set = daemon_set();
  CHECK(set.containers.at(0).mounts ==
        std::vector<api::VolumeMount>{{"cfg", "/etc/kube-flannel", "a", true},
                                      {"run", "/run/flannel", "", false}});
  CHECK(set.volumes == std::vector<api::Volume>{{"run", {}, "/run/flannel of the node"},
                                                {"cfg", {{"kube-flannel-cfg", {{"a/b", "k"}}}}, ""},
                                                {"all", {{"projected", {}}}, "Secret s"},
                                                {"cfg-2", {{"kube-flannel-cfg", {}}}, ""},
                                                {"hidden", {}, "Secret t"},
                                                {"tmp", {}, ""}});
}

TEST_CASE("a DaemonSet is rolled out when every count is reached for its newest generation") {
  const auto [name, change, done] = GENERATE(table<std::string, void (*)(api::DaemonSet&), bool>({
      {"all reached", [](auto&) {}, true},
      {"newer generation", [](auto& set) { set.meta.generation = 3; }, false},
      {"one not made", [](auto& set) { set.current = 2; }, false},
      {"one old", [](auto& set) { set.updated = 2; }, false},
      {"one not ready", [](auto& set) { set.ready = 2; }, false},
      {"one not available", [](auto& set) { set.available = 2; }, false},
      {"no node selected, one pod left", [](auto& set) { set.desired = 0; }, false},
  }));
  CAPTURE(name);
  auto set = daemon_set();
  change(set);
  CHECK(set.rolled_out() == done);
}

TEST_CASE("a DaemonSet is rolled out but for pods that may never be Ready") {
  auto set = daemon_set();
  set.ready = set.available = set.updated = set.desired - 1;
  CHECK_FALSE(set.rolled_out());
  CHECK(set.rolled_out(1));
  set.ready = set.desired - 2;
  CHECK_FALSE(set.rolled_out(1));
}

TEST_CASE("garbage reads as an empty DaemonSet") {
  const std::string text = GENERATE(
      "{}",
      R"({"spec":{"template":{"spec":{"containers":7,"volumes":"x"}}},"status":{"numberReady":"3"}})");
  const auto set = api::parse_daemon_set(document(text).root());
  CHECK(set.containers.empty());
  CHECK(set.ready == 0);
  CHECK(set.update_strategy == "RollingUpdate");
}

TEST_CASE("OnDelete takes the rolling settings away, which a merge patch would keep") {
  api::DaemonSetPatch patch;
  patch.node_selector = {{"net", "flannel"}, {"gone", std::nullopt}};
  patch.update_strategy_json = std::string(api::kOnDelete);
  CHECK(document(api::render(patch)) ==
        document(R"({"spec":{"template":{"spec":{"nodeSelector":{"net":"flannel","gone":null}}},
    "updateStrategy":{"type":"OnDelete","rollingUpdate":null}}})"));
}

TEST_CASE("an original strategy is put back as a whole") {
  api::DaemonSetPatch patch;
  patch.drop_node_selector = true;
  patch.update_strategy_json =
      R"({"type":"RollingUpdate","rollingUpdate":{"maxUnavailable":"10%"}})";
  CHECK(document(api::render(patch)) ==
        document(R"({"spec":{"template":{"spec":{"nodeSelector":null}},
    "updateStrategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":null,"maxUnavailable":"10%"}}}})"));
}

TEST_CASE("a patch without changes changes nothing") {
  CHECK(document(api::render(api::DaemonSetPatch{})) == document(R"({"spec":{}})"));
  auto set = daemon_set();
  api::apply({}, set);
  CHECK(document(set.json) == document(kSet));
  set.json.clear();
  auto wanted = daemon_set();
  wanted.json.clear();
  CHECK(set == wanted);
}

TEST_CASE("a patch is applied to the values and to the whole object") {
  auto set = daemon_set();
  api::apply(
      {{{"a/b", "1"}, {"kubernetes.io/os", std::nullopt}}, false, std::string(api::kOnDelete)},
      set);
  CHECK(set.node_selector == api::StringMap{{"a/b", "1"}});
  CHECK(set.update_strategy == "OnDelete");
  const auto again = api::parse_daemon_set(document(set.json).root());
  CHECK(again == set);
  api::apply({{}, true, std::nullopt}, set);
  CHECK(set.node_selector.empty());
  CHECK(api::parse_daemon_set(document(set.json).root()).node_selector.empty());
}
