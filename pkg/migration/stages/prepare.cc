#include "migration/stages/prepare.h"

#include "api/names.h"
#include "base/plural.h"
#include "migration/facts/config_map_parts.h"
#include "migration/facts/left_alone.h"
#include "migration/facts/saved_settings.h"
#include "migration/ipam/ip_pools.h"
#include "migration/ipam/node_ipam.h"
#include "migration/node/agent_step.h"
#include "migration/preflight/checks.h"
#include "migration/rollout/rollout_order.h"
#include "migration/stages/misplaced_pods.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

constexpr std::uint64_t kPreflightRun = 0;  // a node's own runs begin at 1
constexpr int kMtuTries = 3;
constexpr base::Duration kMtuPause{120'000};
// Nodes whose data is written at the same time: enough for every worker, while waiting tasks take
// no memory.
constexpr std::size_t kPreparedAtOnce = 128;

// Forgets what the preflight agents have answered, so that they are asked again.
void ask_again(PlanBuilder& builder, base::TimePoint last) {
  if (builder.survey().now < last + kMtuPause) return builder.wake(last + kMtuPause);
  for (const auto& node : builder.survey().nodes) {
    if (agents_are_left(node)) builder.add(node_key(node.name), DeleteAgents{node.name});
  }
}

// Asks for flannel's MTU, which only nodes know: one of them, another one when that fails, and all
// of them again after a while. nullopt while the answer is on its way.
std::optional<std::string> ask_for_mtu(PlanBuilder& builder) {
  const Survey& survey = builder.survey();
  int failed = 0;
  std::string last;
  base::TimePoint asked{};
  for (const auto& node : survey.nodes) {
    if (!node.node().ready || node.network != Network::Flannel) continue;
    const auto outcome = run_agent(
        builder, node, agent_task(survey, node, api::AgentOperation::Preflight, kPreflightRun));
    if (outcome.state == AgentOutcome::State::Waiting) return std::nullopt;
    last = outcome.state == AgentOutcome::State::Failed
               ? outcome.message
               : "neither subnet.env nor a device tells it";
    asked = std::max(asked, outcome.pod->meta.created.value_or(survey.now));
    if (++failed >= kMtuTries) break;
  }
  if (failed == 0) return "no Ready node runs flannel";
  ask_again(builder, asked);
  return last;
}

bool any_on_calico(const Survey& survey) {
  return std::any_of(survey.nodes.begin(), survey.nodes.end(),
                     [](const auto& node) { return node.network == Network::Calico; });
}

// True while no node has moved towards Calico, and none may yet.
bool first_pass(const Survey& survey) {
  return !survey.flannel_sets.empty() && !survey.flannel_gated() && !any_on_calico(survey);
}

using FelixFields = std::map<std::string, std::optional<FelixValue>>;

void want(FelixFields& fields, const char* name, const std::optional<std::int64_t>& observed,
          std::int64_t wanted) {
  if (observed != wanted) fields[name] = wanted;
}

// VXLAN stays off in every running Felix until all end points are known: it would drop the packets
// of nodes that it does not know. It is never switched off again, which would cut moved nodes off.
void want_vxlan(const Survey& survey, bool ipam_ready, FelixFields& fields) {
  const bool set = survey.cluster.felix && survey.cluster.felix->vxlan_enabled.has_value();
  const bool off = set && !survey.cluster.felix->vxlan_enabled.value_or(true);
  if (first_pass(survey) && !ipam_ready) {
    if (!off) fields["vxlanEnabled"] = false;
  } else if (set) {
    fields["vxlanEnabled"] = std::nullopt;
  }
}

std::vector<Action> felix_actions(const Survey& survey, bool ipam_ready) {
  const api::FelixConfiguration observed = survey.cluster.felix.value_or(api::FelixConfiguration{});
  FelixFields fields;
  want(fields, "vxlanVNI", observed.vxlan_vni, survey.settings.vni);
  want(fields, "vxlanPort", observed.vxlan_port, survey.settings.port);
  want(fields, "vxlanMTU", observed.vxlan_mtu, *survey.settings.mtu);
  // 20 bytes less: the outer header is IPv6.
  if (survey.settings.ipv6_network)
    want(fields, "vxlanMTUV6", observed.vxlan_mtu_v6, *survey.settings.mtu - 20);
  want_vxlan(survey, ipam_ready, fields);
  if (fields.empty()) return {};
  return {WriteFelix{std::move(fields), !survey.cluster.felix}};
}

std::vector<Action> cluster_actions(const Survey& survey, bool ipam_ready) {
  std::vector<Action> actions = felix_actions(survey, ipam_ready);
  if (survey.calico_config != nullptr) {
    const auto mtu = survey.calico_config->data.find(std::string(api::kVethMtuKey));
    const auto wanted = fmt::format("{}", *survey.settings.mtu);
    if (mtu == survey.calico_config->data.end() || mtu->second != wanted) {
      actions.emplace_back(WriteVethMtu{api::key_of(survey.calico_config->meta), wanted});
    }
  }
  if (!survey.ipam_is_held())
    actions.emplace_back(WriteIpamConfig{true, false, !survey.cluster.ipam_config});
  for (auto& action : pool_actions(decide_pools(survey))) actions.push_back(std::move(action));
  return actions;
}

// The progress of the nodes' data.
struct NodesReady {
  std::vector<std::pair<std::string, std::vector<Action>>> missing;  // by node, the next ones
  int not_ready = 0;
  std::string problem;
  bool conflict = false;
};

NodesReady examine_nodes(const Survey& survey, Network goal) {
  NodesReady result;
  std::size_t in_hand = 0;
  for (const auto* recorded : recorded_nodes(survey)) {
    const NodeView& node = *recorded;
    NodeIpam ipam = examine_ipam(survey, node, goal);
    if (ipam.ready() || (!node.left_alone.empty() && !ipam.problem.empty())) continue;
    ++result.not_ready;
    if (!ipam.conflicts.empty()) {
      result.conflict = true;
      result.problem = fmt::format("block {} of node {} is held by {}. {}",
                                   ipam.conflicts.front().block.to_string(), node.name,
                                   ipam.conflicts.front().holder, kReleaseBlock);
    } else if (!ipam.problem.empty()) {
      if (result.problem.empty()) result.problem = ipam.problem;
      continue;
    }
    if (survey.cluster.busy.contains(node_key(node.name))) {
      ++in_hand;
    } else if (result.missing.size() < kPreparedAtOnce) {
      result.missing.emplace_back(node.name, std::move(ipam.missing));
    }
  }
  const std::size_t room = kPreparedAtOnce - std::min(kPreparedAtOnce, in_hand);
  if (result.missing.size() > room) result.missing.resize(room);
  return result;
}

// Describes a pool that was edited since: pods of migrated nodes would lose their routes, or get
// addresses of another block. Empty if all pools fit.
std::string spoiled_pool(const Survey& survey) {
  Findings findings;
  checks::calico_pools(survey, findings);
  for (const auto& f : findings) {
    if (f.severity == api::Severity::Block)
      return fmt::format("{}: {}; wanted: {}. {}", f.id, f.observed, f.wanted, f.fix);
  }
  return {};
}

bool lacks_far_pods(const Survey& survey) {
  return survey.settings.ipv6_network && !survey.cluster.far_pods;
}

Preparation waiting(std::string for_what, bool ipam_ready = false) {
  return {.outcome = Outcome::waiting(std::move(for_what)), .ipam_ready = ipam_ready};
}

Preparation blocked(std::string why, bool ipam_ready = false) {
  return {.outcome = Outcome::blocked(std::move(why)), .ipam_ready = ipam_ready};
}

// Nodes in flight go on while such pods are replaced; no further one starts.
Preparation beside_misplaced(Outcome misplaced, bool ipam_ready) {
  if (!misplaced.is_blocked()) misplaced.state = Outcome::State::Ready;
  return {.outcome = std::move(misplaced),
          .ipam_ready = ipam_ready,
          .start_policy = StartPolicy::FinishOnly};
}

std::vector<std::string> with_finalizer(const api::FlannelMigration& migration) {
  auto finalizers = migration.meta.finalizers;
  finalizers.emplace_back(api::kFinalizer);
  return finalizers;
}

// Parts without the map that names them are left from an earlier try.
SaveConfigMap save_originals(api::ConfigMap map) {
  const bool is_part = map.meta.name != api::kOriginalsConfigMap;
  return {std::move(map), is_part};
}

Preparation too_large_originals() {
  return blocked(
      fmt::format("what a revert needs is larger than {} MiB: delete IPAM blocks and "
                  "affinities, and Calico's annotations on nodes, that are of no use any more",
                  kMostParts * kPartSize >> 20));
}

// Saves the whole order if the status has only the beginning of it.
std::optional<api::ConfigMap> full_plan(const Survey& survey) {
  const auto order = rollout_order(survey);
  if (order.size() <= kOrderShown) return std::nullopt;
  api::ConfigMap map;
  map.meta.name = std::string(api::kPlanConfigMap);
  map.meta.ns = survey.cluster.self.ns;
  map.meta.labels[std::string(api::kNameLabel)] = std::string(api::kProduct);
  for (const auto* node : order) map.data["order"] += node->name + "\n";
  return map;
}

}  // namespace

bool all_rest_on(const Survey& survey, Network network) {
  return !survey.nodes.empty() &&
         std::all_of(survey.nodes.begin(), survey.nodes.end(), [network](const auto& node) {
           return node.resting() && node.network == network && !node.out();
         });
}

Preparation begin(PlanBuilder& builder) {
  const Survey& survey = builder.survey();
  std::vector<Action> actions;
  if (!api::has_finalizer(survey.migration.meta.finalizers)) {
    actions.emplace_back(SetFinalizer{survey.migration.meta.name,
                                      survey.migration.meta.resource_version,
                                      with_finalizer(survey.migration)});
  }
  if (!survey.begun()) {
    if (survey.calico_node == nullptr || survey.flannel_sets.empty()) {
      return blocked("flannel's or Calico's DaemonSet is not there, and nothing was saved of it");
    }
    auto originals = take_originals(survey.cluster, survey.flannel_sets, *survey.calico_node,
                                    survey.calico_config);
    originals.settings = settings_to_keep(survey.settings, survey.spec.calico);
    auto maps = split(render(originals, survey.cluster.self.ns));
    if (maps.size() > kMostParts + 1) return too_large_originals();
    for (auto& map : maps) actions.push_back(save_originals(std::move(map)));
    if (auto order = full_plan(survey))
      actions.emplace_back(SaveConfigMap{std::move(*order), true});
  }
  if (actions.empty()) return {};
  builder.add(std::string(kClusterKey), std::move(actions));
  return waiting("saving the cluster's present state");
}

Preparation prepare(PlanBuilder& builder, Network goal) {
  const Survey& survey = builder.survey();
  if (!survey.settings.mtu) {
    if (const auto failure = ask_for_mtu(builder)) {
      return blocked(
          fmt::format("flannel's MTU is not known: {}; give spec.flannel.mtu", *failure));
    }
    return waiting("reading flannel's MTU on a node");
  }
  // Without the far pods it is not known whether VXLAN may be on already.
  if (lacks_far_pods(survey) && first_pass(survey))
    return waiting("reading the pods' IPv6 addresses");
  NodesReady nodes = examine_nodes(survey, goal);
  const bool ipam_ready = nodes.not_ready == 0;
  // Pools get their originals at the end of the way back.
  if (auto problem = spoiled_pool(survey); !problem.empty() && goal == Network::Calico)
    return blocked(std::move(problem), ipam_ready);
  // Pools come before any node's data, and VXLAN is off meanwhile; the last of these actions
  // switches it on.
  if (auto actions = cluster_actions(survey, ipam_ready); !actions.empty()) {
    builder.add(std::string(kClusterKey), std::move(actions));
    return waiting("writing Calico's configuration", ipam_ready);
  }
  for (auto& [node, actions] : nodes.missing) builder.add(node_key(node), std::move(actions));
  if (auto misplaced = gather_misplaced(builder); !misplaced.is_ready())
    return beside_misplaced(std::move(misplaced), ipam_ready);
  if (nodes.conflict) return blocked(nodes.problem);
  if (!ipam_ready && goal == Network::Calico && first_pass(survey)) {
    const auto total = static_cast<int>(recorded_nodes(survey).size());
    return waiting(nodes.problem.empty()
                       ? fmt::format("IPAM data of {} of {} in place", total - nodes.not_ready,
                                     base::counted(total, "node"))
                       : nodes.problem);
  }
  return {.outcome = Outcome::ready(nodes.problem), .ipam_ready = ipam_ready};
}

void prepare_nodes_in_flight(PlanBuilder& builder, Network goal) {
  for (const auto& node : builder.survey().nodes) {
    if (!node.out() || node.joined) continue;
    NodeIpam ipam = examine_ipam(builder.survey(), node, goal);
    if (ipam.problem.empty() && ipam.conflicts.empty())
      builder.add(node_key(node.name), std::move(ipam.missing));
  }
}

}  // namespace migration
