#include "api/node_affinity.h"

#include "api/daemon_set.h"

#include <catch2/catch.hpp>

namespace {

api::Node a_node() {
  api::Node node;
  node.meta.name = "w1";
  node.meta.labels = {{"os", "linux"}, {"size", "8"}, {"edge", ""}};
  return node;
}

bool wanted(const std::string& terms) {
  const auto set =
      json::Document::parse(
          R"({"metadata":{"name":"x"},"spec":{"template":{"spec":{"affinity":{"nodeAffinity":{)"
          R"("requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":)" +
          terms + "}}}}}}}")
          .value();
  return api::parse_daemon_set(set.root()).wants(a_node());
}

std::string label(const std::string& key, const std::string& op, const std::string& values) {
  return R"({"matchExpressions":[{"key":")" + key + R"(","operator":")" + op + R"(","values":)" +
         values + "}]}";
}

}  // namespace

TEST_CASE("a node satisfies a required affinity as Kubernetes judges it") {
  struct Row {
    std::string key, op, values;
    bool satisfied;
  };
  const auto row = GENERATE(
      Row{"os", "In", R"(["linux","windows"])", true}, Row{"os", "In", R"(["windows"])", false},
      Row{"none", "In", R"([""])", false}, Row{"os", "NotIn", R"(["linux"])", false},
      Row{"os", "NotIn", R"(["windows"])", true}, Row{"none", "NotIn", R"(["x"])", true},
      Row{"edge", "Exists", "[]", true}, Row{"none", "Exists", "[]", false},
      Row{"none", "DoesNotExist", "[]", true}, Row{"edge", "DoesNotExist", "[]", false},
      Row{"size", "Gt", R"(["7"])", true}, Row{"size", "Gt", R"(["8"])", false},
      Row{"size", "Lt", R"(["9"])", true}, Row{"size", "Lt", R"(["8"])", false},
      Row{"os", "Gt", R"(["1"])", false}, Row{"none", "Lt", R"(["1"])", false},
      Row{"size", "Gt", R"(["1","2"])", false}, Row{"os", "Like", R"(["linux"])", false});
  CAPTURE(row.key, row.op, row.values);
  CHECK(wanted("[" + label(row.key, row.op, row.values) + "]") == row.satisfied);
}

TEST_CASE("one term is enough, of which everything must be satisfied") {
  const auto linux = label("os", "In", R"(["linux"])");
  const auto windows = label("os", "In", R"(["windows"])");
  CHECK(wanted("[" + windows + "," + linux + "]"));
  CHECK_FALSE(wanted(R"([{"matchExpressions":[{"key":"os","operator":"Exists"},)"
                     R"({"key":"edge","operator":"DoesNotExist"}]}])"));
  CHECK_FALSE(wanted("[]"));
  CHECK_FALSE(wanted("[{}]"));
  CHECK(wanted("[{}," + linux + "]"));
}

TEST_CASE("a node is chosen by its name") {
  const auto field = [](const std::string& key, const std::string& op, const std::string& name) {
    return wanted(R"([{"matchFields":[{"key":")" + key + R"(","operator":")" + op +
                  R"(","values":[")" + name + R"("]}]}])");
  };
  CHECK(field("metadata.name", "In", "w1"));
  CHECK_FALSE(field("metadata.name", "In", "w2"));
  CHECK_FALSE(field("metadata.name", "NotIn", "w1"));
  CHECK(field("metadata.name", "NotIn", "w2"));
  CHECK_FALSE(field("spec.unschedulable", "In", "w1"));
}

TEST_CASE("without an affinity the node selector alone counts, with one both do") {
  api::DaemonSet set;
  CHECK(set.wants(a_node()));
  set.node_selector = {{"os", "linux"}};
  CHECK(set.wants(a_node()));
  set.node_affinity = api::NodeSelectorTerms{{{{"edge", "DoesNotExist", {}}}, {}}};
  CHECK_FALSE(set.wants(a_node()));
  set.node_affinity = api::NodeSelectorTerms{{{{"edge", "Exists", {}}}, {}}};
  CHECK(set.wants(a_node()));
  set.node_selector = {{"os", "windows"}};
  CHECK_FALSE(set.wants(a_node()));
}
