// apps/v1 DaemonSet.
#pragma once

#include "api/container_spec.h"
#include "api/node_affinity.h"
#include "api/volume.h"
#include "json/value.h"

#include <optional>
#include <string>
#include <vector>

namespace api {

struct DaemonSet {
  ObjectMeta meta;
  StringMap selector;                       // spec.selector.matchLabels
  StringMap node_selector;                  // of the pod template
  std::string service_account = "default";  // of its pods
  // Required node affinity of the pod template; nullopt: it has none.
  std::optional<NodeSelectorTerms> node_affinity;
  std::string update_strategy = "RollingUpdate";
  std::string update_strategy_json;  // spec.updateStrategy as it is
  std::vector<ContainerSpec> init_containers;
  std::vector<ContainerSpec> containers;
  std::vector<Volume> volumes;
  std::vector<std::string> config_maps;  // names mounted as volumes or used in env
  std::vector<std::string> host_paths;
  std::int64_t observed_generation = 0;
  int desired = 0;  // status.desiredNumberScheduled
  int current = 0;
  int ready = 0;
  int updated = 0;  // status.updatedNumberScheduled
  int available = 0;
  std::string json;  // the whole object, for keeping as an original
  bool operator==(const DaemonSet&) const = default;

  // True if every node that should run it runs its newest template, Ready; `but_for` nodes need
  // not.
  bool rolled_out(int but_for = 0) const;
  // True if the node satisfies the set's node selector and required affinity; taints are not looked
  // at.
  bool wants(const Node& node) const;
};

DaemonSet parse_daemon_set(json::View object);

// Change of the template's node selector and of the update strategy, in one merge patch.
struct DaemonSetPatch {
  std::map<std::string, std::optional<std::string>>
      node_selector;                                // per key; nullopt: take it away
  bool drop_node_selector = false;                  // the selector had no key at all before us
  std::optional<std::string> update_strategy_json;  // replaces the whole strategy
  bool operator==(const DaemonSetPatch&) const = default;
};

std::string render(const DaemonSetPatch& patch);
void apply(const DaemonSetPatch& patch, DaemonSet& set);

inline constexpr std::string_view kOnDelete = R"({"type":"OnDelete"})";

}  // namespace api
