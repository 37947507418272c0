#include "migration/facts/originals.h"

#include "api/names.h"
#include "calico/vtep.h"
#include "json/value.h"
#include "json/writer.h"
#include "migration/facts/flannel_choice.h"
#include "migration/model/network.h"

#include <fmt/format.h>

namespace migration {
namespace {

constexpr std::string_view kFlannelSets = "flannel-daemonsets.json";
constexpr std::string_view kCalicoSet = "calico-daemonset.json";
constexpr std::string_view kFelix = "felixconfiguration.json";
constexpr std::string_view kIpamConfig = "ipamconfig.json";
constexpr std::string_view kPools = "ippools.json";
constexpr std::string_view kVethMtu = "veth-mtu";
constexpr std::string_view kIpam = "ipam.json";
constexpr std::string_view kNodes = "node-annotations.json";
constexpr std::string_view kSettings = "settings.json";
constexpr std::string_view kSelectorPointer = "/spec/template/spec/nodeSelector";

// Keeps only what a person wrote: a server would refuse, or overwrite, the rest.
json::Document without_server_fields(json::Document document) {
  for (std::string_view pointer :
       {"/status", "/metadata/uid", "/metadata/resourceVersion", "/metadata/generation",
        "/metadata/creationTimestamp", "/metadata/managedFields", "/metadata/selfLink",
        "/metadata/annotations/deprecated.daemonset.template.generation"}) {
    document.erase(pointer);
  }
  return document;
}

std::string selector_key_pointer() {
  return fmt::format("{}/{}", kSelectorPointer, json::pointer_escape(api::kNetworkLabel));
}

std::string keep_daemon_set(const api::DaemonSet& set) {
  auto document = json::Document::parse(set.json);
  if (!document) return "{}";
  json::Document kept = without_server_fields(std::move(*document));
  if (kept["spec"]["template"]["spec"]["nodeSelector"][api::kNetworkLabel].exists()) {
    kept.erase(selector_key_pointer());
  }
  return kept.dump();
}

std::string keep(const std::string& text) {
  auto document = json::Document::parse(text);
  return document ? without_server_fields(std::move(*document)).dump() : "{}";
}

api::StringMap calico_annotations(const api::Node& node) {
  api::StringMap kept;
  for (const auto& keys : {calico::vtep_annotation_keys(), calico::other_annotation_keys()}) {
    for (const auto& key : keys) {
      if (const auto* value = node.meta.annotation(key)) kept[key] = *value;
    }
  }
  return kept;
}

std::string render_flannel_sets(const Originals& originals) {
  json::Writer w;
  w.array();
  for (const auto& [key, text] : originals.flannel_sets) {
    if (auto document = json::Document::parse(text)) w.value(document->root());
  }
  w.end();
  return w.text();
}

std::string render_calico_set(const Originals& originals) {
  json::Writer w;
  w.object().key("hadSelector").boolean(originals.calico_had_selector);
  w.field("updateStrategy", originals.calico_update_strategy).end();
  return w.text();
}

std::string render_pools(const Originals& originals) {
  json::Writer w;
  w.array();
  for (const auto& [name, text] : originals.pools) {
    if (auto document = json::Document::parse(text)) w.value(document->root());
  }
  w.end();
  return w.text();
}

std::string render_ipam(const Originals& originals) {
  json::Writer w;
  w.object().key("blocks").array();
  for (const auto& name : originals.blocks) w.string(name);
  w.end().key("affinities").array();
  for (const auto& name : originals.affinities) w.string(name);
  w.end().end();
  return w.text();
}

std::string render_nodes(const Originals& originals) {
  json::Writer w;
  w.object();
  for (const auto& [node, annotations] : originals.node_annotations)
    w.key(node).string_map(annotations);
  w.end();
  return w.text();
}

std::string render_settings(const Originals& originals) {
  json::Writer w;
  w.array();
  for (const auto& [name, value, source] : originals.settings)
    w.object().field("name", name).field("value", value).field("source", source).end();
  w.end();
  return w.text();
}

api::ObjectKey key_in(json::View object) {
  return {object["metadata"]["namespace"].string(), object["metadata"]["name"].string()};
}

// Reads a key of the ConfigMap as JSON; an absent key is an empty document.
base::Result<json::Document> member(const api::ConfigMap& map, std::string_view key) {
  const auto found = map.data.find(std::string(key));
  if (found == map.data.end()) return json::Document();
  auto document = json::Document::parse(found->second);
  if (document) return document;
  return base::Failure(
      document.error().with_context(fmt::format("ConfigMap {} key {}", map.meta.name, key)));
}

std::optional<std::string> text_member(const api::ConfigMap& map, std::string_view key) {
  const auto found = map.data.find(std::string(key));
  if (found == map.data.end()) return std::nullopt;
  return found->second;
}

void read_flannel_sets(const json::Document& document, Originals& originals) {
  for (const auto& set : document.root().items()) {
    originals.flannel_sets[key_in(set)] = set.dump();
    originals.flannel_selectors[key_in(set)] =
        set["spec"]["template"]["spec"]["nodeSelector"].string_map();
  }
}

void read_ipam(const json::Document& document, Originals& originals) {
  for (auto& name : document["blocks"].strings()) originals.blocks.insert(std::move(name));
  for (auto& name : document["affinities"].strings()) originals.affinities.insert(std::move(name));
}

void read_settings(const json::Document& document, Originals& originals) {
  for (const auto& one : document.root().items()) {
    originals.settings.push_back(
        {one["name"].string(), one["value"].string(), one["source"].string()});
  }
}

}  // namespace

Originals take_originals(const ClusterState& cluster,
                         const std::vector<const api::DaemonSet*>& flannel_sets,
                         const api::DaemonSet& calico_node, const api::ConfigMap* calico_config) {
  Originals kept;
  for (const auto* set : flannel_sets) {
    const auto key = api::key_of(set->meta);
    kept.flannel_sets[key] = keep_daemon_set(*set);
    kept.flannel_selectors[key] = set->node_selector;
    kept.flannel_selectors[key].erase(std::string(api::kNetworkLabel));
  }
  kept.calico_had_selector = calico_node.node_selector.contains(std::string(api::kNetworkLabel));
  kept.calico_update_strategy = calico_node.update_strategy_json;
  if (cluster.felix) {
    kept.felix = keep(cluster.felix->json);
    kept.felix_mtu = cluster.felix->vxlan_mtu;
  }
  if (cluster.ipam_config) kept.ipam_config = keep(cluster.ipam_config->json);
  for (const auto& [name, pool] : cluster.pools) kept.pools[name] = keep(pool.json);
  if (calico_config != nullptr) {
    const auto mtu = calico_config->data.find(std::string(api::kVethMtuKey));
    if (mtu != calico_config->data.end()) kept.veth_mtu = mtu->second;
  }
  for (const auto& [cidr, block] : cluster.blocks) kept.blocks.insert(block.meta.name);
  for (const auto& [name, affinity] : cluster.affinities) kept.affinities.insert(name);
  for (const auto& [name, state] : cluster.nodes) {
    if (auto annotations = calico_annotations(state.node); !annotations.empty()) {
      kept.node_annotations[name] = std::move(annotations);
    }
  }
  return kept;
}

api::ObjectKey originals_key(const Identity& self) {
  return {self.ns, std::string(api::kOriginalsConfigMap)};
}

api::ConfigMap render(const Originals& originals, const std::string& ns) {
  api::ConfigMap map;
  map.meta.name = std::string(api::kOriginalsConfigMap);
  map.meta.ns = ns;
  map.meta.labels[std::string(api::kNameLabel)] = std::string(api::kProduct);
  auto put = [&map](std::string_view key, std::string value) {
    map.data[std::string(key)] = std::move(value);
  };
  put(kFlannelSets, render_flannel_sets(originals));
  put(kCalicoSet, render_calico_set(originals));
  if (originals.felix) put(kFelix, *originals.felix);
  if (originals.ipam_config) put(kIpamConfig, *originals.ipam_config);
  put(kPools, render_pools(originals));
  if (originals.veth_mtu) put(kVethMtu, *originals.veth_mtu);
  put(kIpam, render_ipam(originals));
  put(kNodes, render_nodes(originals));
  put(kSettings, render_settings(originals));
  return map;
}

base::Result<Originals> parse_originals(const api::ConfigMap& map) {
  Originals originals;
  originals.saved = map.meta.created;
  auto sets = member(map, kFlannelSets);
  auto calico_set = member(map, kCalicoSet);
  auto pools = member(map, kPools);
  auto ipam = member(map, kIpam);
  auto nodes = member(map, kNodes);
  auto settings = member(map, kSettings);
  for (const auto* part : {&sets, &calico_set, &pools, &ipam, &nodes, &settings}) {
    if (!*part) return base::Failure(part->error());
  }
  read_flannel_sets(*sets, originals);
  originals.calico_had_selector = (*calico_set)["hadSelector"].boolean(true);
  originals.calico_update_strategy = (*calico_set)["updateStrategy"].string();
  for (const auto& pool : pools->root().items()) {
    originals.pools[pool["metadata"]["name"].string()] = pool.dump();
  }
  read_ipam(*ipam, originals);
  for (const auto& [node, annotations] : nodes->root().members()) {
    originals.node_annotations[std::string(node)] = annotations.string_map();
  }
  read_settings(*settings, originals);
  auto felix = member(map, kFelix);
  if (!felix) return base::Failure(felix.error());
  originals.felix = text_member(map, kFelix);
  originals.felix_mtu = (*felix)["spec"]["vxlanMTU"].maybe_integer();
  originals.ipam_config = text_member(map, kIpamConfig);
  originals.veth_mtu = text_member(map, kVethMtu);
  return originals;
}

std::optional<flannel::Candidate> saved_flannel(const Originals& originals,
                                                const ClusterState& cluster) {
  if (originals.flannel_sets.empty()) return std::nullopt;
  const auto saved = json::Document::parse(originals.flannel_sets.begin()->second);
  if (!saved) return std::nullopt;
  const auto set = api::parse_daemon_set(saved->root());
  return flannel::take(set, config_maps_in(cluster, set.meta.ns));
}

base::Result<std::string> for_revert(const std::string& saved_json) {
  auto document = json::Document::parse(saved_json);
  if (!document) return base::Failure(document.error().with_context("saved flannel DaemonSet"));
  document->set_object(kSelectorPointer);
  document->set_string(selector_key_pointer(), label_value(Network::Flannel));
  auto strategy = json::Document::parse(api::kOnDelete);
  document->set("/spec/updateStrategy", strategy->root());
  return document->dump();
}

}  // namespace migration
