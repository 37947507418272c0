#include "api/daemon_set.h"

#include "api/read_values.h"

#include <algorithm>

namespace api {
namespace {

StringMap parse_env(json::View list, const std::string& account) {
  StringMap env;
  for (const auto& entry : list.items()) {
    const auto field = entry["valueFrom"]["fieldRef"]["fieldPath"].string_view();
    if (entry["value"].is_string()) env[entry["name"].string()] = entry["value"].string();
    if (field == "spec.serviceAccountName") env[entry["name"].string()] = account;
  }
  return env;
}

ContainerSpec parse_container(json::View object, const std::string& account) {
  ContainerSpec container{object["name"].string(), object["image"].string(),
                          object["command"].strings(), parse_env(object["env"], account)};
  for (auto& argument : object["args"].strings()) container.command.push_back(std::move(argument));
  for (const auto* probe : {"livenessProbe", "readinessProbe"}) {
    for (auto& word : object[probe]["exec"]["command"].strings())
      container.probes.push_back(std::move(word));
  }
  return container;
}

std::vector<ContainerSpec> parse_containers(json::View list, const std::string& account) {
  std::vector<ContainerSpec> containers;
  for (const auto& object : list.items()) containers.push_back(parse_container(object, account));
  return containers;
}

void add_once(std::vector<std::string>& names, json::View name) {
  auto text = name.string();
  if (text.empty() || std::find(names.begin(), names.end(), text) != names.end()) return;
  names.push_back(std::move(text));
}

void read_volumes(json::View volumes, DaemonSet& set) {
  for (const auto& volume : volumes.items()) {
    add_once(set.config_maps, volume["configMap"]["name"]);
    add_once(set.host_paths, volume["hostPath"]["path"]);
    for (const auto& source : volume["projected"]["sources"].items()) {
      add_once(set.config_maps, source["configMap"]["name"]);
    }
  }
}

void read_env_sources(json::View containers, DaemonSet& set) {
  for (const auto& container : containers.items()) {
    for (const auto& entry : container["env"].items()) {
      add_once(set.config_maps, entry["valueFrom"]["configMapKeyRef"]["name"]);
    }
    for (const auto& entry : container["envFrom"].items()) {
      add_once(set.config_maps, entry["configMapRef"]["name"]);
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
  read_volumes(pod["volumes"], set);
  read_env_sources(pod["initContainers"], set);
  read_env_sources(pod["containers"], set);
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
