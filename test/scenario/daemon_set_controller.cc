#include "scenario/controllers.h"
#include "scenario/kubelet.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

// What a change of makes a new revision, in an order that does not depend on how it was written.
std::string revision_of(const api::DaemonSet& set) {
  std::string text;
  for (const auto& [key, value] : set.node_selector) text += key + "=" + value + ";";
  for (const auto& container : set.containers) text += container.image + ";";
  return text;
}

class Controller {
 public:
  Controller(World& world, api::DaemonSet& set) : world_(world), set_(set) {}

  void run() {
    for (auto& [name, node] : world_.state.nodes) place(name, node);
    if (set_.update_strategy != "OnDelete") roll();
    count();
  }

  bool gone() const {
    return std::all_of(world_.state.nodes.begin(), world_.state.nodes.end(),
                       [this](const auto& entry) { return find(entry.second) == nullptr; });
  }

 private:
  const api::Pod* find(const migration::NodeState& node) const {
    return migration::daemon_pod(node, set_);
  }

  bool wanted(const api::Node& node) const { return !set_.meta.deleting && set_.wants(node); }

  void place(const std::string& name, migration::NodeState& node) {
    const auto* pod = find(node);
    // The scheduler finds no room for it where no kubelet has told of any.
    if (pod == nullptr && wanted(node.node) && node.node.has_kubelet) create(name);
    if (pod != nullptr && !wanted(node.node)) terminate(world_, name, pod->meta.uid);
  }

  void create(const std::string& node) {
    api::Pod pod;
    pod.meta.ns = set_.meta.ns;
    pod.meta.uid = world_.new_uid(set_.meta.name + "-" + node);
    pod.meta.name = pod.meta.uid.substr(4);
    pod.meta.created = world_.now;
    pod.meta.labels = set_.selector;
    pod.meta.owners = {{"DaemonSet", set_.meta.name, set_.meta.uid, true}};
    pod.node_name = node;
    pod.host_network = true;
    pod.phase = "Pending";
    world_.touch(pod.meta);
    world_.revision[pod.meta.uid] = revision_of(set_);
    world_.pods(node)[pod.meta.uid] = pod;
  }

  void roll() {
    int free = rolling_budget(set_, static_cast<int>(world_.state.nodes.size()));
    for (const auto& [name, node] : world_.state.nodes) {
      const auto* pod = find(node);
      if (wanted(node.node) && (pod == nullptr || !pod->ready || pod->meta.deleting)) --free;
    }
    for (const auto& [name, node] : world_.state.nodes) {
      const auto* pod = find(node);
      const bool old = pod != nullptr && !pod->meta.deleting &&
                       world_.revision[pod->meta.uid] != revision_of(set_);
      if (!old || (pod->ready && free-- <= 0)) continue;
      terminate(world_, name, pod->meta.uid);
    }
  }

  void count() {
    const api::DaemonSet before = set_;
    set_.desired = set_.current = set_.ready = set_.updated = set_.available = 0;
    for (const auto& [name, node] : world_.state.nodes) {
      if (!wanted(node.node)) continue;
      ++set_.desired;
      const auto* pod = find(node);
      if (pod == nullptr || pod->meta.deleting) continue;
      ++set_.current;
      set_.ready += pod->ready ? 1 : 0;
      set_.available += pod->ready ? 1 : 0;
      set_.updated += world_.revision[pod->meta.uid] == revision_of(set_) ? 1 : 0;
    }
    set_.observed_generation = set_.meta.generation;
    if (!(set_ == before)) world_.touch(set_.meta);
  }

  World& world_;
  api::DaemonSet& set_;
};

}  // namespace

int rolling_budget(const api::DaemonSet& set, int nodes) {
  const auto strategy = json::Document::parse(set.update_strategy_json);
  if (!strategy) return 1;
  const auto most = (*strategy)["rollingUpdate"]["maxUnavailable"];
  if (!most.is_string()) return static_cast<int>(most.integer(1));
  return std::max(1, nodes * std::stoi(most.string()) / 100);
}

void run_daemon_sets(World& world) {
  auto& sets = world.state.daemon_sets;
  for (auto set = sets.begin(); set != sets.end();) {
    Controller controller(world, set->second);
    controller.run();
    const bool drop = set->second.meta.deleting && controller.gone();
    if (drop) ++world.version;
    set = drop ? sets.erase(set) : std::next(set);
  }
}

}  // namespace scenario
