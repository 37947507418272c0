#include "migration/facts/survey.h"

#include "api/names.h"
#include "flannel/cni_network.h"
#include "json/value.h"
#include "migration/facts/flannel_choice.h"
#include "migration/facts/journal_check.h"
#include "migration/facts/left_alone.h"
#include "migration/facts/node_reports.h"
#include "migration/facts/saved_originals.h"

#include <algorithm>
#include <set>

namespace migration {
namespace {

const api::ConfigMap* find_config_map(const ClusterState& cluster, const api::ObjectKey& key) {
  const auto found = cluster.config_maps.find(key);
  return found == cluster.config_maps.end() ? nullptr : &found->second;
}

// The named set stands for all of its installation; without one, the first by name.
flannel::Candidate installation(const Survey& survey,
                                const std::vector<flannel::Candidate>& chosen) {
  const auto& named = survey.spec.flannel.daemon_set;
  const auto found = std::find_if(chosen.begin(), chosen.end(),
                                  [&named](const auto& one) { return named == one.key; });
  return found == chosen.end() ? chosen.front() : *found;
}

// Other FlannelMigrations' names of DaemonSets do not count.
std::set<api::ObjectKey> named_of(const Survey& survey) {
  auto named = saved_flannels(survey.originals);
  if (survey.spec.flannel.daemon_set) named.insert(*survey.spec.flannel.daemon_set);
  return named;
}

void find_flannel(Survey& survey) {
  survey.candidates = find_flannels(survey.cluster, named_of(survey));
  const auto chosen = choose_flannels(survey.cluster, survey.candidates,
                                      survey.spec.flannel.daemon_set, survey.originals);
  for (const auto& candidate : survey.candidates) {
    const bool is_chosen = std::find(chosen.begin(), chosen.end(), candidate) != chosen.end();
    (is_chosen ? survey.flannel_sets : survey.other_flannels)
        .push_back(&survey.cluster.daemon_sets.at(candidate.key));
  }
  if (!chosen.empty()) survey.install = installation(survey, chosen);
  // A completed migration has deleted flannel: the saved originals still have its configuration.
  if (!survey.install && survey.originals)
    survey.install = saved_flannel(*survey.originals, survey.cluster);
}

void find_originals(Survey& survey) {
  auto saved = read_originals(survey.cluster);
  if (saved) {
    survey.originals = std::move(*saved);
  } else {
    survey.originals_error = saved.error().message;
  }
}

void find_configuration(Survey& survey) {
  const auto& calico = survey.spec.calico.daemon_set;
  const auto set = survey.cluster.daemon_sets.find(calico);
  if (set != survey.cluster.daemon_sets.end()) survey.calico_node = &set->second;
  survey.calico_config =
      find_config_map(survey.cluster, {calico.ns, std::string(api::kCalicoConfigMap)});
  if (!survey.install || survey.install->config_map.empty()) return;
  survey.flannel_config =
      find_config_map(survey.cluster, {survey.install->key.ns, survey.install->config_map});
  if (survey.flannel_config == nullptr) return;
  const auto text = survey.flannel_config->data.find(survey.install->config_key);
  if (text == survey.flannel_config->data.end()) {
    survey.net_conf_error = "has no key " + survey.install->config_key;
    return;
  }
  auto conf = flannel::parse_net_conf(text->second);
  if (conf) {
    survey.net_conf = *conf;
  } else {
    survey.net_conf_error = conf.error().message;
  }
}

bool set_runs_on(const api::DaemonSet& set, const api::Node& node) {
  return !set.meta.deleting && set.wants(node);
}

void read_network(const Survey& survey, NodeView& view) {
  const api::Node& node = view.node();
  if (const auto* label = node.meta.label(api::kNetworkLabel))
    view.label = parse_label_value(*label);
  if (view.label) {
    view.network = *view.label;
  } else if (survey.calico_node != nullptr && set_runs_on(*survey.calico_node, node)) {
    view.network = Network::Calico;
  } else if (std::any_of(survey.flannel_sets.begin(), survey.flannel_sets.end(),
                         [&](const auto* set) { return set_runs_on(*set, node); })) {
    view.network = Network::Flannel;
  } else {
    // The network is known from the journal, if the label was removed after the node had begun to
    // move.
    const auto before = view.journal ? view.journal->network() : std::nullopt;
    view.network = before.value_or(Network::None);
    view.joined = !before;
    view.unserved = true;
  }
}

// True for nodes that are not the migration's business: after its end Calico's DaemonSet has its
// own selector again and does not want them.
bool belongs_to_nobody(const Survey& survey, const NodeView& view) {
  return view.joined && survey.begun() && (survey.flannel_sets.empty() || survey.flannel_gated()) &&
         survey.calico_node != nullptr && !survey.calico_node->meta.deleting &&
         !survey.calico_gated();
}

void read_journal(const Survey& survey, NodeView& view) {
  const auto* text = view.node().meta.annotation(api::kStateAnnotation);
  if (text == nullptr) return;
  auto checked = check_journal(*text, survey.now);
  view.journal = std::move(checked.journal);
  view.journal_error = std::move(checked.doubt);
}

void read_flannel(const Survey& survey, NodeView& view) {
  auto parsed = flannel::parse_node_annotations(view.node().meta.annotations,
                                                survey.settings.annotation_prefix);
  if (parsed) {
    view.flannel = std::move(*parsed);
  } else {
    view.flannel_error = parsed.error().message;
  }
}

NodeView view_node(const Survey& survey, const std::string& name, const NodeState& state) {
  NodeView view;
  view.name = name;
  view.state = &state;
  const auto* progress = state.node.meta.label(api::kInProgressLabel);
  view.in_progress = progress != nullptr && *progress == "true";
  view.control_plane = api::is_control_plane(state.node);
  view.own = !survey.cluster.self.node.empty() && name == survey.cluster.self.node;
  view.selected = survey.spec.target == api::Target::Flannel ||
                  api::selects(survey.spec.rollout.node_selector, state.node.meta.labels);
  read_journal(survey, view);
  read_network(survey, view);
  read_flannel(survey, view);
  return view;
}

// Facts of the first Linux nodes that have them; preflight compares all of them.
void sample_nodes(const Survey& survey, SettingSources& sources, std::optional<int>& vni) {
  const std::string prefix = flannel::annotation_prefix(
      survey.install ? survey.install->annotation_prefix : std::string("flannel.alpha.coreos.com"));
  for (const auto& [name, state] : survey.cluster.nodes) {
    if (has_other_system(state.node)) continue;
    if (sources.pod_cidrs.empty()) sources.pod_cidrs = state.node.pod_cidrs;
    auto parsed = flannel::parse_node_annotations(state.node.meta.annotations, prefix);
    if (parsed && *parsed && (*parsed)->vni) vni = (*parsed)->vni;
    if (vni && !sources.pod_cidrs.empty()) return;
  }
}

// The MTU that the migration has given to Felix; an MTU that a user had set before says nothing
// about flannel.
std::optional<int> migrated_mtu(const Survey& survey) {
  if (!survey.begun() || !survey.cluster.felix) return std::nullopt;
  const auto mtu = survey.cluster.felix->vxlan_mtu.value_or(0);
  if (mtu <= 0) return std::nullopt;
  const bool prepared = survey.flannel_sets.empty() || survey.flannel_gated();
  if (!prepared && survey.originals->felix_mtu == mtu) return std::nullopt;
  return static_cast<int>(mtu);
}

void resolve(Survey& survey) {
  SettingSources sources;
  sources.spec = &survey.spec.flannel;
  if (survey.originals) sources.kept = survey.originals->settings;
  if (survey.install) sources.install = &*survey.install;
  if (survey.net_conf) sources.net_conf = &*survey.net_conf;
  if (survey.flannel_config != nullptr) {
    survey.lease_network = flannel::cni_network(survey.flannel_config->data);
    sources.net_conf_source = "ConfigMap " + api::key_of(survey.flannel_config->meta).to_string();
  }
  sample_nodes(survey, sources, sources.annotated_vni);
  sources.felix_mtu = migrated_mtu(survey);
  read_reports(survey.cluster, sources);
  survey.settings = resolve_settings(sources);
}

// Flannel's annotations decide about nodes that are left alone, for as long as they are there.
void leave_alone(NodeView& view) {
  view.network = view.flannel ? Network::Flannel : Network::None;
  view.unserved = false;
  view.joined = false;
}

void view_nodes(Survey& survey) {
  const FlannelReach reach(survey.flannel_sets, survey.originals);
  for (const auto& [name, state] : survey.cluster.nodes) {
    auto view = view_node(survey, name, state);
    view.left_alone = why_left_alone(survey, reach, view);
    if (!view.left_alone.empty()) {
      leave_alone(view);
      survey.left_alone.push_back(std::move(view));
    } else if (has_other_system(state.node) || belongs_to_nobody(survey, view)) {
      ++survey.other_nodes;
    } else {
      survey.nodes.push_back(std::move(view));
    }
  }
}

bool starts_cordon(const NodeState& state) {
  return state.pending && state.pending->unschedulable.value_or(false);
}

}  // namespace

bool NodeView::out() const {
  if (starts_cordon(*state)) return true;
  if (!in_flight()) return false;
  return !journal || journal->out();
}

bool is_gated(const api::DaemonSet& set, Network network) {
  const auto found = set.node_selector.find(std::string(api::kNetworkLabel));
  return found != set.node_selector.end() && found->second == label_value(network);
}

bool Survey::ipam_is_held() const {
  const auto& config = cluster.ipam_config;
  return config && config->strict_affinity && !config->auto_allocate_blocks;
}

bool Survey::calico_gated() const {
  return calico_node != nullptr && is_gated(*calico_node, Network::Calico);
}

bool Survey::configuration_is_given() const {
  const auto& given = spec.flannel;
  return (given.network || given.ipv6_network) && given.vni && given.port;
}

bool Survey::flannel_stays() const {
  return std::any_of(flannel_sets.begin(), flannel_sets.end(),
                     [](const auto* set) { return !set->meta.deleting; });
}

bool Survey::flannel_gated() const {
  return !flannel_sets.empty() &&
         std::all_of(flannel_sets.begin(), flannel_sets.end(),
                     [](const auto* set) { return is_gated(*set, Network::Flannel); });
}

const NodeView* Survey::find(std::string_view node) const {
  const auto found = std::lower_bound(
      nodes.begin(), nodes.end(), node,
      [](const NodeView& view, std::string_view name) { return view.name < name; });
  return found != nodes.end() && found->name == node ? &*found : nullptr;
}

bool Survey::has_traces() const {
  return begun() || flannel_gated() ||
         std::any_of(nodes.begin(), nodes.end(),
                     [](const auto& node) { return node.label || node.in_progress; });
}

Survey take_survey(const ClusterState& cluster, const api::FlannelMigration& migration,
                   base::TimePoint now) {
  Survey survey{.cluster = cluster, .migration = migration, .spec = *migration.spec, .now = now};
  find_originals(survey);
  find_flannel(survey);
  find_configuration(survey);
  resolve(survey);
  view_nodes(survey);
  return survey;
}

}  // namespace migration
