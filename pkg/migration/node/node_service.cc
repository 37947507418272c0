#include "migration/node/node_service.h"

#include "api/names.h"

#include <fmt/format.h>

namespace migration {
std::vector<const api::DaemonSet*> sets_of(const Survey& survey, Network network) {
  if (network == Network::Flannel) return survey.flannel_sets;
  if (survey.calico_node == nullptr) return {};
  return {survey.calico_node};
}

bool left_by_calico(const api::Node& node) {
  return node.network_unavailable == std::string(api::kCalicoIsDown);
}

std::string network_trouble(const api::Node& node) {
  std::string trouble;
  if (node.network_unavailable) {
    const auto& reason = *node.network_unavailable;
    trouble = fmt::format("condition {} is True ({})", api::kNetworkUnavailable,
                          reason.empty() ? "without a reason" : reason);
  }
  if (node.network_taint)
    trouble += fmt::format("{}taint {} is there", trouble.empty() ? "" : ", ", api::kNetworkTaint);
  return trouble;
}

const api::Pod* serving_pod(const Survey& survey, const NodeView& node, Network network) {
  for (const auto* set : sets_of(survey, network)) {
    const auto* pod = daemon_pod(*node.state, *set);
    if (pod != nullptr && pod->ready && !pod->meta.deleting) return pod;
  }
  return nullptr;
}

SetNetworkAvailable network_available(const Survey& survey, const NodeView& node, Network network) {
  const bool calico = network == Network::Calico;
  const auto& meta = node.node().meta;
  return {node.name,
          {.reason = calico ? "CalicoIsUp" : "FlannelIsUp",
           .message = calico ? "Calico is running on this node" : "flannel is running on this node",
           .since = survey.now,
           .uid = meta.uid,
           .resource_version = meta.resource_version}};
}

std::string first_network_trouble(const Survey& survey) {
  for (const auto& node : survey.nodes) {
    const auto trouble = network_trouble(node.node());
    if (!trouble.empty()) return fmt::format("node {} takes no pods: {}", node.name, trouble);
  }
  return {};
}

namespace {

// calico-node had come to it at the end of a migration, and goes with the revert.
void serve_left_alone(PlanBuilder& builder) {
  const Survey& survey = builder.survey();
  if (survey.spec.target == api::Target::Calico || !survey.calico_gated()) return;
  for (const auto& node : survey.left_alone) {
    if (!left_by_calico(node.node())) continue;
    auto action = network_available(survey, node, Network::Flannel);
    action.condition.reason = "CalicoHasLeft";
    action.condition.message = "The network is as it was before Calico came";
    builder.add(node_key(node.name), std::move(action));
  }
}

}  // namespace

void serve_resting_nodes(PlanBuilder& builder) {
  const Survey& survey = builder.survey();
  for (const auto& node : survey.nodes) {
    const bool flannels = node.resting() && node.network == Network::Flannel;
    if (!flannels || !left_by_calico(node.node())) continue;
    builder.track(node.name);
    if (serving_pod(survey, node, Network::Flannel) != nullptr)
      builder.add(node_key(node.name), network_available(survey, node, Network::Flannel));
  }
  serve_left_alone(builder);
}

}  // namespace migration
