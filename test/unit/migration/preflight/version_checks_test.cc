#include "unit/migration/findings.h"

#include <fmt/format.h>

using namespace migration;
using namespace build;

namespace {

// calico-node of that image, with one init container of another.
Findings findings_of(const std::string& node, const std::string& cni) {
  auto cluster = a_flannel_cluster(nodes(2));
  auto& set = cluster.daemon_sets.at({"kube-system", "calico-node"});
  const auto list = [](const char* name, const std::string& image) {
    return fmt::format(R"([{{"name":"{}","image":"{}"}}])", name, image);
  };
  set = with(set, "/spec/template/spec/containers", list("calico-node", node));
  set = with(set, "/spec/template/spec/initContainers", list("install-cni", cni));
  return run_preflight(Surveyed(cluster).survey);
}

}  // namespace

TEST_CASE("releases of Calico that are known pass, from wherever their images come") {
  const std::string tag =
      GENERATE("v3.27.0", "v3.30.7", "v3.32.1", "v3.32.1-amd64", "v3.31.0@sha256:0123456789abcdef");
  CAPTURE(tag);
  CHECK(findings_of("quay.io/calico/node:" + tag, "quay.io/calico/cni:" + tag).empty());
  CHECK(findings_of("mine:5000/mirrored-node:" + tag, "mine:5000/cni:" + tag).empty());
}

TEST_CASE("an older Calico is refused, whichever container has it") {
  const auto [node, cni] =
      GENERATE(table<std::string, std::string>({{"calico/node:v3.26.4", "calico/cni:v3.26.4"},
                                                {"calico/node:v3.27.0", "calico/cni:v3.26.4"}}));
  expect_finding(findings_of(node, cni),
                 {"CalicoVersion", api::Severity::Block, "calico/cni:v3.26.4",
                  "Upgrade Calico's manifests first"});
}

TEST_CASE("a Calico that was not run is told of") {
  const std::string image =
      GENERATE("calico/node:v3.33.0", "calico/node:v4.0.0", "calico/node:latest", "calico/node",
               "calico/node@sha256:0123456789abcdef");
  CAPTURE(image);
  const auto findings = findings_of(image, image);
  expect_finding(findings, {"CalicoVersion", api::Severity::Warn, image, "one of those releases"});
  CHECK_THAT(find(findings, "CalicoVersion")->wanted, Catch::Contains("v3.27 and v3.32 were run"));
}

TEST_CASE(
    "two versions in one DaemonSet are told of, and what others have added is not looked at") {
  expect_finding(findings_of("calico/node:v3.32.1", "calico/cni:v3.31.0"),
                 {"CalicoVersion", api::Severity::Warn,
                  "several versions: calico/cni:v3.31.0, calico/node:v3.32.1", "one release"});
  auto cluster = a_flannel_cluster(nodes(2));
  auto& set = cluster.daemon_sets.at({"kube-system", "calico-node"});
  set = with(set, "/spec/template/spec/initContainers",
             R"([{"name":"wait","image":"busybox:1.36"}])");
  CHECK(run_preflight(Surveyed(cluster).survey).empty());
}
