#include "api/daemon_set.h"
#include "api/metadata_patch.h"
#include "json/writer.h"

namespace api {
namespace {

// A merge patch merges objects, so members that the new strategy does not have are deleted by name.
void write_rolling_update(json::Writer& writer, json::View rolling) {
  writer.key("rollingUpdate");
  if (!rolling.exists()) {
    writer.null();
    return;
  }
  writer.object();
  for (const auto* field : {"maxSurge", "maxUnavailable"}) writer.key(field).value(rolling[field]);
  writer.end();
}

void write_strategy(json::Writer& writer, const std::string& text) {
  const auto strategy = json::Document::parse(text);
  if (!strategy) return;
  writer.key("updateStrategy").object();
  for (const auto& [key, value] : strategy->root().members()) {
    if (key != "rollingUpdate") writer.key(key).value(value);
  }
  write_rolling_update(writer, (*strategy)["rollingUpdate"]);
  writer.end();
}

void write_template(json::Writer& writer, const DaemonSetPatch& patch) {
  if (!patch.drop_node_selector && patch.node_selector.empty()) return;
  writer.key("template").object().key("spec").object();
  if (patch.drop_node_selector) {
    writer.key("nodeSelector").null();
  } else {
    write_changes(writer, "nodeSelector", patch.node_selector);
  }
  writer.end().end();
}

void apply_selector(const DaemonSetPatch& patch, StringMap& selector) {
  if (patch.drop_node_selector) {
    selector.clear();
  } else {
    apply_changes(patch.node_selector, selector);
  }
}

void apply_strategy(const std::string& text, DaemonSet& set) {
  const auto strategy = json::Document::parse(text);
  if (!strategy) return;
  set.update_strategy = (*strategy)["type"].string("RollingUpdate");
  set.update_strategy_json = strategy->dump();
}

void update_json(DaemonSet& set) {
  auto document = json::Document::parse(set.json);
  if (!document) return;
  constexpr std::string_view kSelector = "/spec/template/spec/nodeSelector";
  document->erase(kSelector);
  for (const auto& [key, value] : set.node_selector) {
    document->set_string(std::string(kSelector) + "/" + json::pointer_escape(key), value);
  }
  if (const auto strategy = json::Document::parse(set.update_strategy_json)) {
    document->set("/spec/updateStrategy", strategy->root());
  }
  set.json = document->dump();
}

}  // namespace

std::string render(const DaemonSetPatch& patch) {
  json::Writer writer;
  writer.object().key("spec").object();
  write_template(writer, patch);
  if (patch.update_strategy_json) write_strategy(writer, *patch.update_strategy_json);
  return writer.end().end().text();
}

void apply(const DaemonSetPatch& patch, DaemonSet& set) {
  apply_selector(patch, set.node_selector);
  if (patch.update_strategy_json) apply_strategy(*patch.update_strategy_json, set);
  if (!set.json.empty()) update_json(set);
}

}  // namespace api
