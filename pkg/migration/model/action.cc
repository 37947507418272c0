#include "migration/model/action.h"

#include "base/overloaded.h"

#include <fmt/format.h>

namespace migration {
namespace {

std::string describe(const PatchNode& a) {
  return fmt::format("PatchNode {} ({})", a.node, a.reason);
}
std::string describe(const SetNetworkAvailable& a) {
  return fmt::format("SetNetworkAvailable {} ({})", a.node, a.condition.reason);
}
std::string describe(const CreateBlock& a) {
  return fmt::format("CreateBlock {} for {}", a.cidr.to_string(), a.node);
}
std::string describe(const CreateAffinity& a) {
  return fmt::format("CreateAffinity {} for {}", a.cidr.to_string(), a.node);
}
std::string describe(const CreateHandle& a) {
  return fmt::format("{}Handle {}", a.correct ? "Correct" : "Create", a.handle_id);
}
std::string describe(const AllocateVtep& a) {
  return fmt::format("AllocateVtep {} in {}", a.node, a.block.to_string());
}
std::string describe(const ReserveAddresses& a) {
  return fmt::format("ReserveAddresses {} in {} for {}", a.ordinals.size(), a.block.to_string(),
                     a.node);
}
std::string describe(const ReleaseReservation& a) {
  return fmt::format("ReleaseReservation {} in {} for {}", a.ordinals.size(), a.block.to_string(),
                     a.node);
}
std::string describe(const DeleteBlock& a) { return fmt::format("DeleteBlock {}", a.name); }
std::string describe(const DeleteAffinity& a) { return fmt::format("DeleteAffinity {}", a.name); }
std::string describe(const DeleteHandle& a) { return fmt::format("DeleteHandle {}", a.handle_id); }
std::string describe(const CreatePool& a) {
  return fmt::format("CreatePool {} {}", a.pool.name, a.pool.cidr.to_string());
}
std::string describe(const DeletePool& a) { return fmt::format("DeletePool {}", a.name); }
std::string describe(const RestorePool& a) { return fmt::format("RestorePool {}", a.name); }
std::string describe(const WriteFelix& a) {
  std::string names;
  for (const auto& [name, value] : a.fields) names += (names.empty() ? "" : ", ") + name;
  return fmt::format("WriteFelix {}", names);
}
std::string describe(const DeleteFelix&) { return "DeleteFelix default"; }
std::string describe(const WriteIpamConfig& a) {
  return fmt::format("WriteIpamConfig strictAffinity={} autoAllocateBlocks={}", a.strict_affinity,
                     a.auto_allocate_blocks);
}
std::string describe(const DeleteIpamConfig&) { return "DeleteIpamConfig default"; }
std::string describe(const WriteVethMtu& a) { return fmt::format("WriteVethMtu {}", a.value); }
std::string describe(const PatchDaemonSet& a) {
  return fmt::format("PatchDaemonSet {}", a.key.to_string());
}
std::string describe(const CreateDaemonSet& a) {
  return fmt::format("CreateDaemonSet {}", a.key.to_string());
}
std::string describe(const DeleteDaemonSet& a) {
  return fmt::format("DeleteDaemonSet {}", a.key.to_string());
}
std::string describe(const RunAgent& a) {
  return fmt::format("RunAgent {} on {} (run {})", api::to_string(a.task.operation), a.task.node,
                     a.task.run);
}
std::string describe(const DeleteAgents& a) {
  return fmt::format("DeleteAgents of {}", a.node.empty() ? "every node" : a.node);
}
std::string describe(const RemovePod& a) {
  return fmt::format("{} {} on {}", a.removal == Removal::Evict ? "Evict" : "Delete",
                     a.pod.to_string(), a.node);
}
std::string describe(const SaveConfigMap& a) {
  return fmt::format("SaveConfigMap {}", a.map.meta.name);
}
std::string describe(const DeleteConfigMap& a) { return fmt::format("DeleteConfigMap {}", a.name); }
std::string describe(const SetFinalizer& a) {
  return fmt::format("{}Finalizer on {}", a.finalizers.empty() ? "Remove" : "Set", a.migration);
}
std::string describe(const DropApproval& a) {
  return fmt::format("DropApproval of {}", a.migration);
}

}  // namespace

std::string to_string(const Action& action) {
  return std::visit([](const auto& a) { return describe(a); }, action);
}

std::string node_key(std::string_view node) { return fmt::format("node/{}", node); }
std::string pod_key(std::string_view uid) { return fmt::format("pod/{}", uid); }

}  // namespace migration
