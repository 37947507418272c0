#include "api/daemon_set.h"

#include "api/read_values.h"

#include <algorithm>

namespace api {
namespace {

void add_once(std::vector<std::string>& names, std::string text) {
  if (text.empty() || std::find(names.begin(), names.end(), text) != names.end()) return;
  names.push_back(std::move(text));
}

// Volumes first.
void collect_config_maps(DaemonSet& set) {
  for (const auto& volume : set.volumes) {
    for (const auto& files : volume.config_maps) add_once(set.config_maps, files.config_map);
  }
  for (const auto* containers : {&set.init_containers, &set.containers}) {
    for (const auto& container : *containers) {
      for (const auto& source : container.env_sources) add_once(set.config_maps, source.config_map);
    }
  }
}

void read_template(json::View pod, DaemonSet& set) {
  set.node_selector = pod["nodeSelector"].string_map();
  const auto required =
      pod["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"];
  if (required.exists())
    set.node_affinity = parse_node_selector_terms(required["nodeSelectorTerms"]);
  set.service_account = pod["serviceAccountName"].string(set.service_account);
  set.init_containers = parse_containers(pod["initContainers"], set.service_account);
  set.containers = parse_containers(pod["containers"], set.service_account);
  set.volumes = parse_volumes(pod["volumes"]);
  for (const auto& volume : pod["volumes"].items())
    add_once(set.host_paths, volume["hostPath"]["path"].string());
  collect_config_maps(set);
}

void read_strategy(json::View strategy, DaemonSet& set) {
  set.update_strategy = strategy["type"].string("RollingUpdate");
  if (strategy.exists()) set.update_strategy_json = strategy.dump();
}

void read_status(json::View status, DaemonSet& set) {
  set.observed_generation = status["observedGeneration"].integer();
  set.desired = read_int(status["desiredNumberScheduled"]);
  set.current = read_int(status["currentNumberScheduled"]);
  set.ready = read_int(status["numberReady"]);
  set.updated = read_int(status["updatedNumberScheduled"]);
  set.available = read_int(status["numberAvailable"]);
}

}  // namespace

bool DaemonSet::rolled_out(int but_for) const {
  const auto enough = [this, but_for](int count) {
    return count >= desired - but_for && count <= desired;
  };
  return observed_generation >= meta.generation && enough(current) && enough(updated) &&
         enough(ready) && enough(available);
}

bool DaemonSet::wants(const Node& node) const {
  return selects(node_selector, node.meta.labels) &&
         (!node_affinity || selects(*node_affinity, node));
}

DaemonSet parse_daemon_set(json::View object) {
  DaemonSet set;
  set.meta = parse_meta(object);
  set.selector = object["spec"]["selector"]["matchLabels"].string_map();
  read_template(object["spec"]["template"]["spec"], set);
  read_strategy(object["spec"]["updateStrategy"], set);
  read_status(object["status"], set);
  set.json = object.dump();
  return set;
}

}  // namespace api
