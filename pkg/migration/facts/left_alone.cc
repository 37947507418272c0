#include "migration/facts/left_alone.h"

#include "api/names.h"
#include "base/plural.h"
#include "migration/model/name_some.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

// True if a move, or its preparation, has changed the node: it belongs to the migration until the
// end.
bool is_touched(const NodeView& node) {
  return node.node().meta.label(api::kNetworkLabel) != nullptr || node.in_progress ||
         node.node().meta.annotation(api::kStateAnnotation) != nullptr;
}

bool is_chosen(const Survey& survey, const NodeView& node) {
  return api::selects(survey.spec.rollout.node_selector, node.node().meta.labels);
}

}  // namespace

bool is_dummy(const NodeView& node) {
  return node.flannel && !node.node().has_kubelet && !node.node().ready;
}

bool has_other_system(const api::Node& node) { return !node.os.empty() && node.os != "linux"; }

bool stays_on_flannel(const NodeView& node) {
  return is_dummy(node) || has_other_system(node.node());
}

// A node of another operating system is known to the other nodes only if flannel serves it; without
// flannel it is only counted.
std::string why_left_alone(const Survey& survey, const FlannelReach& reach, const NodeView& node) {
  const bool served = node.flannel || !node.flannel_error.empty();
  if (has_other_system(node.node())) return served ? "runs " + node.node().os : "";
  if (is_touched(node)) return {};
  if (is_dummy(node)) return "no kubelet";
  if (!reach.wants(node.node())) return "flannel's DaemonSet does not want it";
  if (node.node().pod_cidrs.empty() && !is_chosen(survey, node))
    return "no pod CIDR, and not selected by rollout.nodeSelector";
  return {};
}

// A tunnel of another VNI reaches nobody, and blocks outside of every pool have no routes.
std::string why_not_told(const Survey& survey, const NodeView& node) {
  if (!node.flannel)
    return node.flannel_error.empty() ? "it has no annotations of flannel's" : node.flannel_error;
  if (node.flannel->backend_type != "vxlan")
    return fmt::format("its backend is {}", node.flannel->backend_type);
  const auto vni = node.flannel->vni.value_or(survey.settings.vni);
  if (vni != survey.settings.vni)
    return fmt::format("its VNI is {}, and {} elsewhere", vni, survey.settings.vni);
  const auto& cidrs = node.node().pod_cidrs;
  if (cidrs.empty()) return "it has no pod CIDR";
  const bool covered = std::all_of(cidrs.begin(), cidrs.end(), [&survey](const auto& cidr) {
    return survey.settings.cover(cidr);
  });
  return covered ? "" : "its pod CIDR is outside of flannel's network";
}

std::vector<const NodeView*> recorded_nodes(const Survey& survey) {
  std::vector<const NodeView*> recorded;
  for (const auto& node : survey.nodes) recorded.push_back(&node);
  for (const auto& node : survey.left_alone) {
    if (why_not_told(survey, node).empty()) recorded.push_back(&node);
  }
  return recorded;
}

int left_alone_with(const Survey& survey, const api::DaemonSet& set) {
  return static_cast<int>(
      std::count_if(survey.left_alone.begin(), survey.left_alone.end(),
                    [&set](const auto& node) { return set.wants(node.node()); }));
}

std::string told_of_left_alone(const Survey& survey) {
  if (survey.left_alone.empty()) return {};
  std::vector<std::string> devices;
  for (const auto& node : survey.left_alone) {
    if (is_dummy(node)) devices.push_back(node.name);
  }
  auto text = fmt::format("; left alone: {}", base::counted(survey.left_alone.size(), "node"));
  if (!devices.empty())
    text += fmt::format(", of which a device outside of the cluster has to be set up by hand: {}",
                        name_some(devices, kNodesShown));
  return text;
}

}  // namespace migration
