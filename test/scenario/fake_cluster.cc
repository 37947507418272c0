#include "scenario/fake_cluster.h"

#include "scenario/controllers.h"
#include "scenario/kubelet.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

using migration::Network;

constexpr int kMaxTicks = 1000;

std::string text_of(bool flag) { return flag ? "true" : "false"; }

// Members in a fixed order, without what a server counts.
std::string canonical(json::View value) {
  if (value.is_object()) {
    json::StringMap members;
    for (const auto& [key, member] : value.members()) {
      if (key == "resourceVersion" || key == "status" || key == "uid" || key == "generation")
        continue;
      const auto text = canonical(member);
      if (text != "{}") members[std::string(key)] = text;
    }
    std::string text = "{";
    for (const auto& [key, member] : members) text += key + ":" + member + " ";
    return text == "{" ? "{}" : text + "}";
  }
  return value.dump();
}

std::string canonical(const std::string& json) {
  const auto document = json::Document::parse(json);
  return document ? canonical(document->root()) : json;
}

void paint_node(const api::Node& node, Picture& picture) {
  const auto place = "node/" + node.meta.name;
  for (const auto& [key, value] : node.meta.labels) picture[place + " label " + key] = value;
  for (const auto& [key, value] : node.meta.annotations)
    picture[place + " annotation " + key] = value;
  picture[place + " unschedulable"] = text_of(node.unschedulable);
  picture[place + " network taint"] = text_of(node.network_taint);
}

void paint_ipam(const migration::ClusterState& state, Picture& picture) {
  for (const auto& [cidr, block] : state.blocks) {
    auto& line = picture["block/" + block.meta.name];
    line = block.affinity;
    for (const auto& [ordinal, handle] : block.allocated)
      line += fmt::format(" {}={}", ordinal, handle);
  }
  for (const auto& [name, affinity] : state.affinities)
    picture["affinity/" + name] = affinity.node + " " + affinity.state;
  for (const auto& [id, handle] : state.handles) picture["handle/" + id] = handle.meta.name;
}

}  // namespace

FakeCluster::FakeCluster(const migration::ClusterState& start, std::uint64_t next_v6) {
  world.now = build::start_time();
  world.state = start;
  for (auto& [name, node] : world.state.nodes) {
    node.pods.emplace();
    world.hosts[name] = {Device::Flannel, Network::Flannel, {}, {}, {}, true, false, next_v6};
  }
  const int count = static_cast<int>(world.state.nodes.size());
  world.workloads["web"] = {"web", 2 * count, false};
  world.workloads["log-agent"] = {"log-agent", 0, true};
  settle();
}

migration::ClusterState FakeCluster::observe(const std::set<std::string>& tracked) const {
  migration::ClusterState seen = world.state;
  for (auto& [name, node] : seen.nodes) {
    if (!tracked.contains(name)) node.pods.reset();
  }
  seen.far_pods = far_pods(world);
  seen.lone_pods = lone_pods(world);
  seen.flannel_pods = flannel_pods(world);
  seen.nodes_version = fmt::format("{}", world.version);
  return seen;
}

bool FakeCluster::tick() {
  const auto before = world.version;
  run_node_lifecycle(world);
  run_daemon_sets(world);
  run_workloads(world);
  run_kubelets(world);
  if (world.collects_garbage) collect_garbage(world);
  return world.version != before;
}

void FakeCluster::settle() {
  for (int i = 0; i < kMaxTicks && tick(); ++i) world.now += base::Duration(1'000);
}

void FakeCluster::create(api::FlannelMigration migration) {
  migration.meta.created = world.now;
  world.touch(migration.meta);
  world.state.migrations.push_back(std::move(migration));
}

void FakeCluster::change_spec(const std::function<void(api::MigrationSpec&)>& change) {
  change(world.spec());
  ++world.migration().meta.generation;
  world.touch(world.migration().meta);
}

void FakeCluster::delete_migration() {
  world.touch(world.migration().meta);
  world.migration().meta.deleting = world.now;
  if (world.migration().meta.finalizers.empty()) world.state.migrations.clear();
}

void FakeCluster::add_node(api::Node node, bool ready) {
  node.ready = ready;
  node.meta.uid = world.new_uid(node.meta.name);
  world.touch(node.meta);
  const auto name = node.meta.name;
  world.hosts[name] = {};
  world.state.nodes[name] = {node, std::map<std::string, api::Pod>{}, {}, {}};
}

void FakeCluster::remove_node(const std::string& name) {
  world.state.nodes.erase(name);
  world.hosts.erase(name);
  ++world.version;
}

void FakeCluster::edit_node(const std::string& name,
                            const std::function<void(api::Node&)>& change) {
  auto& node = world.state.nodes.at(name).node;
  change(node);
  world.touch(node.meta);
}

Picture FakeCluster::picture() const {
  Picture picture;
  const auto& state = world.state;
  for (const auto& [name, node] : state.nodes) {
    paint_node(node.node, picture);
    for (const auto& [agent, pod] : node.agents) picture["agent/" + agent] = pod.phase;
  }
  paint_ipam(state, picture);
  for (const auto& [key, set] : state.daemon_sets)
    picture["daemonset/" + key.to_string()] = canonical(set.json);
  for (const auto& [name, pool] : state.pools) picture["pool/" + name] = canonical(pool.json);
  if (state.felix) picture["felix"] = canonical(state.felix->json);
  if (state.ipam_config) picture["ipamconfig"] = canonical(state.ipam_config->json);
  for (const auto& [key, map] : state.config_maps) {
    for (const auto& [name, value] : map.data)
      picture["configmap/" + key.to_string() + " " + name] = value;
  }
  return picture;
}

std::string differences(const Picture& before, const Picture& after) {
  std::string text;
  for (const auto& [line, value] : before) {
    const auto now = after.find(line);
    if (now == after.end()) {
      text += fmt::format("- {} = {}\n", line, value);
    } else if (now->second != value) {
      text += fmt::format("~ {} = {}   was {}\n", line, now->second, value);
    }
  }
  for (const auto& [line, value] : after) {
    if (!before.contains(line)) text += fmt::format("+ {} = {}\n", line, value);
  }
  return text;
}

}  // namespace scenario
