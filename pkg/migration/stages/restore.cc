#include "migration/stages/restore.h"

#include "api/names.h"
#include "base/utf8.h"
#include "calico/names.h"
#include "calico/vtep.h"
#include "json/value.h"
#include "migration/facts/remains.h"
#include "migration/facts/saved_originals.h"
#include "migration/ipam/node_blocks.h"
#include "migration/ipam/placeholder.h"
#include "migration/node/agent_step.h"
#include "migration/stages/prepare.h"

#include <fmt/format.h>

#include <algorithm>

namespace migration {
namespace {

// The annotation is cut at this length; an Event has the whole text.
constexpr std::size_t kLongestRemains = 512;

// Parses a saved object.
template <typename T, typename Parse>
std::optional<T> saved(const std::optional<std::string>& text, Parse parse) {
  if (!text) return std::nullopt;
  auto document = json::Document::parse(*text);
  if (!document) return std::nullopt;
  return parse(document->root());
}

void forget(api::NodePatch& patch, const NodeView& node) {
  const auto& meta = node.node().meta;
  for (const auto key : {api::kNetworkLabel, api::kInProgressLabel}) {
    if (meta.label(key) != nullptr) patch.labels[std::string(key)] = std::nullopt;
  }
  for (const auto key : {api::kStateAnnotation, api::kRetryAnnotation, api::kRemainsAnnotation}) {
    if (meta.annotation(key) != nullptr) patch.annotations[std::string(key)] = std::nullopt;
  }
  patch.uid = meta.uid;
}

// Deletes every block of flannel's networks that was not there before, with the handles of pods
// that hold addresses in it: the handles first, since only the block names them. Handles of tunnels
// and reservations are known without it (undo_handles).
std::vector<Task> undo_blocks(const Survey& survey) {
  std::vector<Task> tasks;
  for (const auto& [cidr, block] : survey.cluster.blocks) {
    if (survey.originals->blocks.contains(block.meta.name) || !survey.settings.cover(cidr))
      continue;
    Task task{"block/" + block.meta.name, {}};
    for (const auto& handle : pod_handles(survey.cluster, block))
      task.actions.emplace_back(DeleteHandle{handle});
    task.actions.emplace_back(DeleteBlock{block.meta.name});
    tasks.push_back(std::move(task));
  }
  return tasks;
}

// Blocks that were there before stay, without what was reserved in them.
std::vector<Task> undo_reservations(const Survey& survey) {
  std::vector<Task> tasks;
  for (const auto& [cidr, block] : survey.cluster.blocks) {
    const auto host = calico::host_of(block.affinity);
    if (!host || !survey.settings.cover(cidr)) continue;
    auto reserved = reserved_in(block, std::string(*host));
    if (reserved.empty()) continue;
    tasks.push_back({"block/" + block.meta.name,
                     {ReleaseReservation{std::string(*host), cidr, std::move(reserved)}}});
  }
  return tasks;
}

std::vector<Task> undo_affinities(const Survey& survey) {
  std::vector<Task> tasks;
  for (const auto& [name, affinity] : survey.cluster.affinities) {
    if (survey.originals->affinities.contains(name) || !survey.settings.cover(affinity.cidr))
      continue;
    tasks.push_back({"affinity/" + name, {DeleteAffinity{name}}});
  }
  return tasks;
}

std::vector<Task> undo_handles(const Survey& survey) {
  std::vector<Task> tasks;
  for (const auto& [id, handle] : survey.cluster.handles) {
    const bool ours =
        std::all_of(handle.blocks.begin(), handle.blocks.end(), [&](const auto& entry) {
          auto cidr = net::Cidr::parse(entry.first);
          return cidr && survey.settings.cover(*cidr);
        });
    if (ours) tasks.push_back({"handle/" + id, {DeleteHandle{id}}});
  }
  return tasks;
}

bool same_spec(const std::string& a, const std::string& b) {
  auto left = json::Document::parse(a);
  auto right = json::Document::parse(b);
  return left && right && json::equal((*left)["spec"], (*right)["spec"]);
}

std::vector<Action> undo_pools(const Survey& survey) {
  std::vector<Action> actions;
  const auto& originals = survey.originals->pools;
  for (const auto& [name, pool] : survey.cluster.pools) {
    if (!pool.cidr || !survey.settings.cover(*pool.cidr)) continue;
    const auto before = originals.find(name);
    if (before == originals.end() || !same_spec(before->second, pool.json))
      actions.emplace_back(DeletePool{name});
  }
  for (const auto& [name, text] : originals) {
    const auto now = survey.cluster.pools.find(name);
    const bool deleted =
        std::any_of(actions.begin(), actions.end(), [&pool = name](const auto& action) {
          const auto* deletion = std::get_if<DeletePool>(&action);
          return deletion != nullptr && deletion->name == pool;
        });
    if (now == survey.cluster.pools.end() || deleted) actions.emplace_back(RestorePool{name, text});
  }
  return actions;
}

void put_back(std::map<std::string, std::optional<FelixValue>>& fields, const char* name,
              const std::optional<std::int64_t>& observed,
              const std::optional<std::int64_t>& original) {
  if (observed == original) return;
  fields[name] = original ? std::optional<FelixValue>(*original) : std::nullopt;
}

std::vector<Action> undo_felix(const Survey& survey) {
  if (!survey.cluster.felix) return {};
  const auto before =
      saved<api::FelixConfiguration>(survey.originals->felix, api::parse_felix_configuration);
  if (!before) return {DeleteFelix{}};
  const auto& now = *survey.cluster.felix;
  WriteFelix write;
  put_back(write.fields, "vxlanVNI", now.vxlan_vni, before->vxlan_vni);
  put_back(write.fields, "vxlanPort", now.vxlan_port, before->vxlan_port);
  put_back(write.fields, "vxlanMTU", now.vxlan_mtu, before->vxlan_mtu);
  put_back(write.fields, "vxlanMTUV6", now.vxlan_mtu_v6, before->vxlan_mtu_v6);
  if (now.vxlan_enabled != before->vxlan_enabled) {
    write.fields["vxlanEnabled"] =
        before->vxlan_enabled ? std::optional<FelixValue>(*before->vxlan_enabled) : std::nullopt;
  }
  if (write.fields.empty()) return {};
  return {write};
}

std::vector<Action> undo_veth_mtu(const Survey& survey) {
  const auto& before = survey.originals->veth_mtu;
  if (!before || survey.calico_config == nullptr) return {};
  const auto now = survey.calico_config->data.find(std::string(api::kVethMtuKey));
  if (now != survey.calico_config->data.end() && now->second == *before) return {};
  return {WriteVethMtu{api::key_of(survey.calico_config->meta), *before}};
}

std::vector<Action> undo_calico_node(const Survey& survey) {
  if (survey.calico_node == nullptr) return {};
  const auto& set = *survey.calico_node;
  api::DaemonSetPatch patch;
  if (survey.originals->calico_had_selector && !survey.calico_gated()) {
    patch.node_selector[std::string(api::kNetworkLabel)] =
        std::string(label_value(Network::Calico));
  }
  const auto& strategy = survey.originals->calico_update_strategy;
  if (!strategy.empty() && !same_json(strategy, set.update_strategy_json))
    patch.update_strategy_json = strategy;
  if (patch == api::DaemonSetPatch{}) return {};
  return {PatchDaemonSet{api::key_of(set.meta), patch}};
}

std::vector<Action> forget_migration(const Survey& survey) {
  std::vector<Action> actions;
  if (agents_are_left(survey)) actions.emplace_back(DeleteAgents{});
  const api::ObjectKey plan{survey.cluster.self.ns, std::string(api::kPlanConfigMap)};
  if (survey.cluster.config_maps.contains(plan)) actions.emplace_back(DeleteConfigMap{plan.name});
  actions.emplace_back(DeleteConfigMap{std::string(api::kOriginalsConfigMap)});
  // The parts are deleted after the map that names them, as the map could not be read without a
  // part.
  for (const auto& part : parts_of_originals(survey.cluster))
    actions.emplace_back(DeleteConfigMap{part.name});
  return actions;
}

void append(std::vector<Action>& to, std::vector<Action> from) {
  for (auto& action : from) to.push_back(std::move(action));
}

// Restores the end points as they were. Other annotations of calico-node are deleted where it was
// not there before, and are left to Canal where it was.
void restore_annotations(const api::StringMap& before, const NodeView& node,
                         api::NodePatch& patch) {
  const auto& meta = node.node().meta;
  for (const auto& key : calico::vtep_annotation_keys()) {
    const auto* now = meta.annotation(key);
    const auto found = before.find(key);
    std::optional<std::string> original;
    if (found != before.end()) original = found->second;
    const bool same = now == nullptr ? !original : original && *original == *now;
    if (!same) patch.annotations[key] = original;
  }
  for (const auto& key : calico::other_annotation_keys()) {
    if (meta.annotation(key) != nullptr && before.count(key) == 0)
      patch.annotations[key] = std::nullopt;
  }
}

}  // namespace

bool same_json(const std::string& a, const std::string& b) {
  auto left = json::Document::parse(a);
  auto right = json::Document::parse(b);
  return left && right && *left == *right;
}

std::string rolling_update(const Survey& survey) {
  const auto& most = survey.spec.rollout.max_unavailable;
  auto value = most.percent ? fmt::format("\"{}%\"", most.value) : fmt::format("{}", most.value);
  // Pods on nodes that are left alone may never be available, and would use the budget up.
  if (const auto more = survey.left_alone.size(); more > 0)
    value = fmt::format("{}", most.of(static_cast<int>(survey.nodes.size())) + more);
  return fmt::format(
      R"({{"type":"RollingUpdate","rollingUpdate":{{"maxUnavailable":{},"maxSurge":0}}}})", value);
}

PatchNode remove_marks(const NodeView& node, const std::string& remains) {
  PatchNode action{node.name, {}, "Completed", "flannel's remains are gone"};
  forget(action.patch, node);
  if (remains.empty()) return action;
  action.message = "flannel's remains stay: " + remains;
  action.patch.annotations[std::string(api::kRemainsAnnotation)] =
      base::cut_utf8(remains, kLongestRemains);
  return action;
}

PatchNode remove_all_marks(const Survey& survey, const NodeView& node) {
  PatchNode action{node.name, {}, "Reverted", "the migration's labels and annotations are gone"};
  forget(action.patch, node);
  const auto before = survey.originals->node_annotations.find(node.name);
  restore_annotations(
      before == survey.originals->node_annotations.end() ? api::StringMap{} : before->second, node,
      action.patch);
  return action;
}

std::vector<Action> restore_ipam_config(const Survey& survey, Network network) {
  const auto& now = survey.cluster.ipam_config;
  if (!now) return {};
  const auto before = saved<api::IpamConfig>(survey.originals->ipam_config, api::parse_ipam_config);
  if (!before && network == Network::Flannel) return {DeleteIpamConfig{}};
  const api::IpamConfig wanted = before.value_or(api::IpamConfig{});
  const bool same = now->strict_affinity == wanted.strict_affinity &&
                    now->auto_allocate_blocks == wanted.auto_allocate_blocks;
  if (same) return {};
  return {WriteIpamConfig{wanted.strict_affinity, wanted.auto_allocate_blocks, false}};
}

std::vector<Action> let_calico_claim(const Survey& survey) {
  if (!survey.begun() || !survey.ipam_is_held()) return {};
  if (all_rest_on(survey, Network::Calico)) return restore_ipam_config(survey, Network::Calico);
  const auto before = saved<api::IpamConfig>(survey.originals->ipam_config, api::parse_ipam_config);
  if (!before.value_or(api::IpamConfig{}).auto_allocate_blocks) return {};
  return {WriteIpamConfig{survey.cluster.ipam_config->strict_affinity, true, false}};
}

std::optional<Undo> undo_next(const Survey& survey) {
  if (auto tasks = undo_blocks(survey); !tasks.empty())
    return Undo{"deleting Calico's IPAM blocks", std::move(tasks)};
  if (auto tasks = undo_reservations(survey); !tasks.empty())
    return Undo{"releasing reserved addresses", std::move(tasks)};
  if (auto tasks = undo_affinities(survey); !tasks.empty())
    return Undo{"deleting block affinities", std::move(tasks)};
  if (auto tasks = undo_handles(survey); !tasks.empty())
    return Undo{"deleting IPAM handles", std::move(tasks)};
  std::vector<Action> actions = undo_pools(survey);
  append(actions, undo_felix(survey));
  append(actions, restore_ipam_config(survey, Network::Flannel));
  append(actions, undo_veth_mtu(survey));
  append(actions, undo_calico_node(survey));
  if (!actions.empty())
    return Undo{"restoring Calico's configuration",
                {{std::string(kClusterKey), std::move(actions)}}};
  return Undo{"forgetting the migration", {{std::string(kClusterKey), forget_migration(survey)}}};
}

}  // namespace migration
