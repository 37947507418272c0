#include "scenario/api_server.h"

#include "api/names.h"
#include "scenario/api_ipam.h"
#include "scenario/api_objects.h"
#include "scenario/kubelet.h"

#include <fmt/format.h>

#include <algorithm>

namespace scenario {
namespace {

using namespace migration;
using base::ErrorKind;

base::Result<void> serve(World& world, const PatchNode& a) {
  const auto found = world.state.nodes.find(a.node);
  if (found == world.state.nodes.end()) return base::fail(ErrorKind::NotFound, a.node);
  api::Node& node = found->second.node;
  if (!a.patch.uid.empty() && a.patch.uid != node.meta.uid)
    return base::fail(ErrorKind::Conflict, "another UID");
  const auto& revision = a.patch.resource_version;
  if (!revision.empty() && revision != node.meta.resource_version)
    return base::fail(ErrorKind::Conflict, "the node has changed");
  const api::Node before = node;
  api::apply(a.patch, node);
  if (!(node == before)) world.touch(node.meta);
  return {};
}

base::Result<void> serve(World& world, const SetNetworkAvailable& a) {
  const auto found = world.state.nodes.find(a.node);
  if (found == world.state.nodes.end()) return base::fail(ErrorKind::NotFound, a.node);
  api::Node& node = found->second.node;
  if (a.condition.uid != node.meta.uid ||
      a.condition.resource_version != node.meta.resource_version)
    return base::fail(ErrorKind::Conflict, "the node has changed");
  if (node.network_unavailable != std::string(api::kCalicoIsDown))
    world.violate("somebody else's condition of " + a.node + " was written");
  api::apply(a.condition, node);
  world.touch(node.meta);
  return {};
}

base::Result<void> serve(World& world, const RunAgent& a) {
  const auto found = world.state.nodes.find(a.task.node);
  if (found == world.state.nodes.end()) return base::fail(ErrorKind::NotFound, a.task.node);
  start_agent(world, a.task);
  return {};
}

base::Result<void> serve(World& world, const DeleteAgents& a) {
  for (auto& [name, node] : world.state.nodes) {
    if (!a.node.empty() && a.node != name) continue;
    const auto ended =
        std::erase_if(node.agents, [](const auto& entry) { return entry.second.finished(); });
    if (ended > 0) ++world.version;
    for (auto& [pod_name, pod] : node.agents) {
      if (pod.meta.deleting) continue;
      pod.meta.deleting = world.now;
      world.touch(pod.meta);
    }
  }
  return {};
}

const api::Pod* find_pod(const World& world, const RemovePod& a) {
  const auto node = world.state.nodes.find(a.node);
  if (node == world.state.nodes.end()) return nullptr;
  const auto pod = node->second.pods->find(a.uid);
  return pod == node->second.pods->end() ? nullptr : &pod->second;
}

// A node that is refreshed has come, or come back, to its network: pods that lived there before the
// other one came and went stay.
void check_removal(World& world, const RemovePod& a, const api::Pod& pod) {
  const auto journal = journal_of(world.state.nodes.at(a.node).node);
  if (world.turns_often || !journal || journal->step != migration::Step::Refresh) return;
  const auto& host = world.hosts.at(a.node);
  const auto network = host.attached.find(a.uid);
  if (network == host.attached.end() || network->second != journal->towards) return;
  if (!host.from_before.contains(a.uid)) return;
  world.violate("pod " + pod.meta.name + " was removed from the network that it is to be on");
}

bool any_pod_waits(const World& world) {
  return std::any_of(world.state.nodes.begin(), world.state.nodes.end(), [](const auto& node) {
    return std::any_of(node.second.pods->begin(), node.second.pods->end(), [](const auto& pod) {
      return pod.second.on_pod_network() && !pod.second.ready;
    });
  });
}

base::Result<void> serve(World& world, const RemovePod& a) {
  const auto* pod = find_pod(world, a);
  if (pod == nullptr) return {};
  check_removal(world, a, *pod);
  const auto* owner = pod->meta.controller();
  const bool blocked = owner != nullptr && !pod->meta.deleting &&
                       (world.faults.budget_blocks.contains(owner->name) ||
                        (world.faults.budget_wants_all && any_pod_waits(world)));
  if (a.removal == Removal::Evict && blocked) {
    const auto why = "Cannot evict pod as it would violate the pod's disruption budget: budget " +
                     owner->name + " needs 1 healthy pods and has 1 currently";
    auto& removal = world.state.removals.try_emplace(a.uid, RemovalAttempt{{}, {}, {}, world.now})
                        .first->second;
    removal.not_before = world.now + base::Duration(5'000);
    removal.reason = "DisruptionBudget";
    removal.message = why;
    return base::fail(ErrorKind::Throttled, why);
  }
  terminate(world, a.node, a.uid);
  return {};
}

base::Result<void> serve(World& world, const CreateBlock& a) { return create_block(world, a); }
base::Result<void> serve(World& world, const CreateAffinity& a) {
  return create_affinity(world, a);
}
base::Result<void> serve(World& world, const CreateHandle& a) { return create_handle(world, a); }
base::Result<void> serve(World& world, const AllocateVtep& a) { return allocate_vtep(world, a); }
base::Result<void> serve(World& world, const ReserveAddresses& a) {
  return reserve_addresses(world, a);
}
base::Result<void> serve(World& world, const ReleaseReservation& a) {
  return release_reserved(world, a);
}
base::Result<void> serve(World& world, const DeleteBlock& a) { return delete_block(world, a); }
base::Result<void> serve(World& world, const DeleteAffinity& a) {
  world.version += world.state.affinities.erase(a.name);
  return {};
}
base::Result<void> serve(World& world, const DeleteHandle& a) {
  world.version += world.state.handles.erase(a.handle_id);
  return {};
}

// Everything else is a whole object (api_objects.cc).
template <typename A>
base::Result<void> serve(World& world, const A& a) {
  return serve_object(world, a);
}

}  // namespace

base::Result<void> apply(World& world, const Action& action) {
  return std::visit([&](const auto& a) { return serve(world, a); }, action);
}

}  // namespace scenario
