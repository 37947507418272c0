#include "migration/stages/restore.h"

#include "unit/migration/surveyed.h"

#include <catch2/catch.hpp>

using namespace migration;
using namespace build;

TEST_CASE(
    "a revert takes away what calico-node wrote on a node, unless something was there before") {
  const std::string key = "projectcalico.org/Interfaces";
  const bool before = GENERATE(false, true);
  CAPTURE(before);
  auto cluster = a_flannel_cluster(nodes(2));
  auto& node = cluster.nodes.at("w001").node;
  Originals originals;
  if (before) originals.node_annotations["w001"] = {{key, "[]"}};
  node.meta.annotations[key] = R"([{"name":"eth0"}])";
  const Surveyed seen(cluster);
  Survey survey = seen.survey;
  survey.originals = originals;
  const auto patch = remove_all_marks(survey, *survey.find("w001")).patch;
  CHECK(patch.annotations.count(key) == (before ? 0 : 1));
}
