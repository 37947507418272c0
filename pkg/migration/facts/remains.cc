#include "migration/facts/remains.h"

#include "api/names.h"
#include "base/plural.h"
#include "base/utf8.h"
#include "migration/model/name_some.h"

#include <fmt/format.h>

#include <vector>

namespace migration {
namespace {

constexpr std::size_t kShown = 300;

const std::string* remains_on(const NodeView& node) {
  return node.node().meta.annotation(api::kRemainsAnnotation);
}

std::vector<const NodeView*> nodes_with_remains(const Survey& survey) {
  std::vector<const NodeView*> found;
  for (const auto& node : survey.nodes) {
    if (remains_on(node) != nullptr) found.push_back(&node);
  }
  return found;
}

}  // namespace

std::string told_of_remains(const Survey& survey) {
  std::vector<std::string> names;
  for (const auto* node : nodes_with_remains(survey)) names.push_back(node->name);
  if (names.empty()) return {};
  return fmt::format("flannel's remains stay on {}: {}", base::counted(names.size(), "node"),
                     name_some(names, kNodesShown));
}

std::string about_remains(const Survey& survey) {
  const auto nodes = nodes_with_remains(survey);
  if (nodes.empty()) return {};
  const auto& first = *nodes.front();
  return fmt::format("node {}: {}. Remove them by hand, then: kubectl annotate node {} {}-",
                     first.name, base::cut_utf8(*remains_on(first), kShown), first.name,
                     api::kRemainsAnnotation);
}

}  // namespace migration
