#include "migration/stages/flannel_finish.h"

#include "api/names.h"
#include "base/plural.h"
#include "migration/facts/flannel_pods.h"
#include "migration/facts/left_alone.h"
#include "migration/model/name_some.h"
#include "migration/node/node_service.h"
#include "migration/stages/restore.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

// nullopt if every node takes pods, as far as its network is concerned.
std::optional<StageReport> nodes_in_service(PlanBuilder& builder) {
  serve_resting_nodes(builder);
  auto trouble = first_network_trouble(builder.survey());
  if (trouble.empty()) return std::nullopt;
  return reverting(std::move(trouble));
}

class FlannelFinish {
 public:
  explicit FlannelFinish(PlanBuilder& builder) : builder_(builder), survey_(builder.survey()) {}

  StageReport run() {
    if (auto waiting = switch_vxlan_off()) return std::move(*waiting);
    // The pods are not all Ready while flannel restarts under its original template: open_flannel
    // waits for that.
    if (survey_.flannel_gated()) {
      if (auto waiting = flannel_everywhere()) return std::move(*waiting);
    }
    if (auto waiting = open_flannel()) return std::move(*waiting);
    if (marks_are_left()) {
      if (auto waiting = flannel_everywhere()) return std::move(*waiting);
    }
    if (auto waiting = nodes_in_service(builder_)) return std::move(*waiting);
    if (auto waiting = clean_nodes()) return std::move(*waiting);
    auto undo = undo_next(survey_);
    for (auto& task : undo->tasks) builder_.add(std::move(task.key), std::move(task.actions));
    return reverting(undo->message);
  }

 private:
  std::optional<StageReport> flannel_everywhere() {
    const auto without = without_flannel(survey_);
    if (!without) return reverting("reading the cluster's pods");
    if (without->empty()) return std::nullopt;
    return reverting(fmt::format("flannel is not Ready yet on {}", name_some(*without)));
  }

  // Canal's Felix drops VXLAN packets of nodes whose tunnel it does not know, so VXLAN is switched
  // off in it before the annotations go from which it knows them. Felix also removes a device that
  // it created before flanneld could. The original setting is restored at the very end.
  std::optional<StageReport> switch_vxlan_off() {
    if (!survey_.on_canal() || !vxlan_is_on() || !marks_are_left()) return std::nullopt;
    builder_.add(std::string(kClusterKey),
                 WriteFelix{{{"vxlanEnabled", false}}, !survey_.cluster.felix});
    return reverting("switching VXLAN off in Canal's Felix");
  }

  bool vxlan_is_on() const {
    const auto& felix = survey_.cluster.felix;
    const auto& pools = survey_.cluster.pools;
    if (felix && !felix->vxlan_enabled.value_or(true)) return false;
    return std::any_of(pools.begin(), pools.end(), [](const auto& pool) {
      return pool.second.vxlan_mode == "Always" || pool.second.vxlan_mode == "CrossSubnet";
    });
  }

  bool marks_are_left() const {
    return std::any_of(survey_.nodes.begin(), survey_.nodes.end(), [this](const auto& node) {
      return !remove_all_marks(survey_, node).patch.empty();
    });
  }

  // Restores exactly the saved template: pods of nodes that never moved have its revision and do
  // not restart. Of the others as many at a time as the user lets be unavailable; then flannel gets
  // its own strategy back.
  std::optional<StageReport> open_flannel() {
    std::vector<Action> actions;
    bool rolling = false;
    for (const auto* set : survey_.flannel_sets) {
      const auto patch = restoring_patch(*set);
      if (patch != api::DaemonSetPatch{})
        actions.emplace_back(PatchDaemonSet{api::key_of(set->meta), patch});
      rolling = rolling || !rolled_out(*set);
    }
    if (!actions.empty()) {
      builder_.add(std::string(kClusterKey), std::move(actions));
      return reverting("restoring flannel's DaemonSet");
    }
    if (rolling)
      return reverting(
          "waiting for flannel's pods of reverted nodes to restart under the original template");
    return std::nullopt;
  }

  bool rolled_out(const api::DaemonSet& set) const {
    return set.rolled_out(left_alone_with(survey_, set));
  }

  api::DaemonSetPatch restoring_patch(const api::DaemonSet& set) const {
    api::DaemonSetPatch patch;
    if (is_gated(set, Network::Flannel)) {
      drop_selector(set, patch);
      patch.update_strategy_json = rolling_update(survey_);
    } else if (rolled_out(set)) {
      patch.update_strategy_json = saved_strategy(set);
    }
    return patch;
  }

  void drop_selector(const api::DaemonSet& set, api::DaemonSetPatch& patch) const {
    const auto before = survey_.originals->flannel_selectors.find(api::key_of(set.meta));
    patch.drop_node_selector =
        before != survey_.originals->flannel_selectors.end() && before->second.empty();
    if (!patch.drop_node_selector)
      patch.node_selector[std::string(api::kNetworkLabel)] = std::nullopt;
  }

  // nullopt if the set has it already, or nothing was saved.
  std::optional<std::string> saved_strategy(const api::DaemonSet& set) const {
    const auto saved = survey_.originals->flannel_sets.find(api::key_of(set.meta));
    if (saved == survey_.originals->flannel_sets.end()) return std::nullopt;
    auto document = json::Document::parse(saved->second);
    if (!document) return std::nullopt;
    const auto strategy = (*document)["spec"]["updateStrategy"].dump();
    if (strategy == "null" || same_json(strategy, set.update_strategy_json)) return std::nullopt;
    return strategy;
  }

  std::optional<StageReport> clean_nodes() {
    int left = 0;
    for (const auto* nodes : {&survey_.nodes, &survey_.left_alone}) {
      for (const auto& node : *nodes) {
        PatchNode action = remove_all_marks(survey_, node);
        if (action.patch.empty()) continue;
        ++left;
        builder_.add(node_key(node.name), std::move(action));
      }
    }
    if (left == 0) return std::nullopt;
    return reverting(fmt::format("removing the migration's labels and annotations; {} left",
                                 base::counted(left, "node")));
  }

  PlanBuilder& builder_;
  const Survey& survey_;
};

}  // namespace

StageReport reverting(std::string message) {
  StageReport stage;
  stage.phase = api::Phase::Reverting;
  stage.outcome = Outcome::waiting(std::move(message));
  return stage;
}

StageReport finish_on_flannel(PlanBuilder& builder) { return FlannelFinish(builder).run(); }

}  // namespace migration
