#include "migration/rollout/rollout_order.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace migration {

int rank(const NodeView& node) {
  if (node.own) return 2;
  return node.control_plane ? 1 : 0;
}

std::string domain_of(const Survey& survey, const NodeView& node) {
  if (survey.spec.rollout.topology_key.empty()) return {};
  const auto* value = node.node().meta.label(survey.spec.rollout.topology_key);
  return value == nullptr ? std::string() : *value;
}

std::vector<const NodeView*> rollout_order(const Survey& survey) {
  std::vector<const NodeView*> order;
  for (const auto& node : survey.nodes) {
    if (node.selected || node.in_flight()) order.push_back(&node);
  }
  const auto key = [&survey](const NodeView& node) {
    return std::tuple(rank(node), rank(node) == 0 ? domain_of(survey, node) : std::string());
  };
  // Nodes come by name already; a stable sort keeps that within a domain.
  std::stable_sort(order.begin(), order.end(),
                   [&](const auto* a, const auto* b) { return key(*a) < key(*b); });
  return order;
}

std::size_t count_canaries(const Survey& survey, const std::vector<const NodeView*>& order) {
  const int wanted = survey.spec.rollout.canary.nodes;
  if (wanted <= 0 || survey.spec.target != api::Target::Calico) return 0;
  return std::min(static_cast<std::size_t>(wanted), order.size());
}

int count_waves(const Survey& survey, const std::vector<const NodeView*>& order) {
  const int together =
      survey.spec.rollout.max_unavailable.of(static_cast<int>(survey.nodes.size()));
  const auto canaries = static_cast<int>(count_canaries(survey, order));
  std::map<std::pair<int, std::string>, int> groups;
  for (auto node = order.begin() + canaries; node != order.end(); ++node)
    ++groups[{rank(**node), domain_of(survey, **node)}];
  int waves = canaries;  // one at a time
  for (const auto& [group, count] : groups) {
    waves += group.first == 0 ? (count + together - 1) / together : count;
  }
  return waves;
}

}  // namespace migration
