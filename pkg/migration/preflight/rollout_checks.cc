// Checks which nodes are moved, and in which order.
#include "migration/facts/left_alone.h"
#include "migration/preflight/checks.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration::checks {
namespace {

using api::Severity;

}  // namespace

void node_selection(const Survey& survey, Findings& findings) {
  const bool any = std::any_of(survey.nodes.begin(), survey.nodes.end(),
                               [](const auto& node) { return node.selected; });
  if (any || (survey.nodes.empty() && survey.left_alone.empty())) return;
  findings.push_back({"NodeSelector", survey.begun() ? Severity::Warn : Severity::Block,
                      survey.nodes.empty()
                          ? "every node is left alone"
                          : "no node carries the labels of spec.rollout.nodeSelector",
                      "some node that can be moved",
                      "Nodes on flannel stay there. Correct the selector, or label the nodes"});
}

// Nodes are left alone because flannel gives them no pod network, or because no agent could run
// there to change it.
void node_left_alone(const Survey& survey, Findings& findings) {
  if (survey.left_alone.empty()) return;
  std::vector<std::string> names;
  bool any_dummy = false;
  for (const auto& node : survey.left_alone) {
    any_dummy = any_dummy || is_dummy(node);
    names.push_back(fmt::format(
        "{} ({}{})", node.name, node.left_alone,
        why_cut_off(survey, node).empty() ? "; its tunnel end point is told to Calico" : ""));
  }
  findings.push_back(
      {"NodesLeftAlone", Severity::Info,
       fmt::format("{} not moved: {}",
                   names.size() == 1 ? "1 node is" : fmt::format("{} nodes are", names.size()),
                   name_some(names, kNodesShown)),
       "nodes that flannel serves",
       any_dummy
           ? "A device outside of the cluster that such a node stands for goes on reading "
             "flannel's annotations: when the migration is complete, set it up by hand for "
             "nodes that come later"
           : "Nothing: they stay as they are, and are counted in status.nodes.skipped. At the "
             "end calico-node comes to those that its own DaemonSet wants: give it flannel's "
             "affinity to keep it off them"});
}

// Control-plane nodes and the operator's own node move last, whatever domain they are in.
void node_domains(const Survey& survey, Findings& findings) {
  const auto& key = survey.spec.rollout.topology_key;
  if (key.empty()) return;
  std::vector<std::string> without;
  for (const auto& node : survey.nodes) {
    const bool in_domain = node.selected && !node.control_plane && !node.own;
    if (in_domain && node.node().meta.label(key) == nullptr) without.push_back(node.name);
  }
  if (without.empty()) return;
  findings.push_back({"NodeTopology", Severity::Warn,
                      fmt::format("nodes without the label {}: {}", key, name_some(without)),
                      "the label of spec.rollout.topologyKey on every worker",
                      "They count as one domain of their own, which is moved first. Correct the "
                      "key, or label the nodes"});
}

void node_canaries(const Survey& survey, Findings& findings) {
  const auto selected = std::count_if(survey.nodes.begin(), survey.nodes.end(),
                                      [](const auto& node) { return node.selected; });
  const int canaries = survey.spec.rollout.canary.nodes;
  if (canaries == 0 || canaries < selected) return;
  findings.push_back(
      {"NodeCanaries", Severity::Warn,
       fmt::format("spec.rollout.canary.nodes is {}, and {} to be moved", canaries,
                   selected == 1 ? "1 node is" : fmt::format("{} nodes are", selected)),
       "fewer canaries than nodes",
       "Every node moves as a canary, one at a time, and none is left to wait for "
       "the soak or the approval. Lower spec.rollout.canary.nodes"});
}

}  // namespace migration::checks
