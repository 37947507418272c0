// Actions of a plan, as values: small, printable, comparable, safe to repeat. The executor carries
// them out; the scenario tests apply them to a fake cluster.
#pragma once

#include "api/agent.h"
#include "api/calico.h"
#include "api/config_map.h"
#include "api/daemon_set.h"
#include "api/node.h"
#include "api/node_condition.h"
#include "calico/ip_pools.h"
#include "net/cidr.h"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace migration {

// --- nodes ---
struct PatchNode {
  std::string node;
  api::NodePatch patch;
  std::string reason;  // CamelCase, for the Event and the log: what this patch does to the node
  std::string message;
  bool operator==(const PatchNode&) const = default;
};
// The scheduler may place pods on the node again, as far as its network is concerned.
struct SetNetworkAvailable {
  std::string node;
  api::NetworkAvailable condition;
  bool operator==(const SetNetworkAvailable&) const = default;
};

// --- Calico's IPAM; blocks are read, edited and written back with their resourceVersion ---
struct CreateBlock {
  std::string node;
  net::Cidr cidr;
  bool holds_vtep = false;  // its first address is the node's tunnel address
  // An ordinal that the node's reservation holds from the beginning, so that the block is never
  // empty.
  std::optional<std::uint32_t> placeholder = {};
  bool operator==(const CreateBlock&) const = default;
};
struct CreateAffinity {
  std::string node;
  net::Cidr cidr;
  bool operator==(const CreateAffinity&) const = default;
};
struct CreateHandle {
  std::string handle_id;
  std::map<net::Cidr, int> blocks;
  bool correct = false;  // an existing handle that names other blocks gets these
  bool operator==(const CreateHandle&) const = default;
};
// Assigns the tunnel address in a block that exists already.
struct AllocateVtep {
  std::string node;
  net::Cidr block;
  bool operator==(const AllocateVtep&) const = default;
};
// Reserves addresses that live on flannel's bridge: the reservation handle holds them, so that
// Calico does not assign them.
struct ReserveAddresses {
  std::string node;
  net::Cidr block;
  std::set<std::uint32_t> ordinals;
  // Ordinals that a pod which is gone has left behind: taken from its handle.
  std::set<std::uint32_t> left_behind;
  bool operator==(const ReserveAddresses&) const = default;
};
// Releases the ordinals that the node's reservation still holds.
struct ReleaseReservation {
  std::string node;
  net::Cidr block;
  std::set<std::uint32_t> ordinals;
  bool operator==(const ReleaseReservation&) const = default;
};
struct DeleteBlock {
  std::string name;
  std::string resource_version = {};  // when given, only of that version
  bool operator==(const DeleteBlock&) const = default;
};
struct DeleteAffinity {
  std::string name;
  bool operator==(const DeleteAffinity&) const = default;
};
struct DeleteHandle {
  std::string handle_id;
  bool operator==(const DeleteHandle&) const = default;
};

// --- Calico's configuration ---
struct CreatePool {
  calico::PoolWanted pool;
  bool operator==(const CreatePool&) const = default;
};
struct DeletePool {
  std::string name;
  bool operator==(const DeletePool&) const = default;
};
// Restores a pool from its saved JSON.
struct RestorePool {
  std::string name;
  std::string json;
  bool operator==(const RestorePool&) const = default;
};
// Sets fields of FelixConfiguration "default"; nullopt deletes a field. The object is created when
// it is absent.
using FelixValue = std::variant<bool, std::int64_t>;
struct WriteFelix {
  std::map<std::string, std::optional<FelixValue>> fields;
  bool create = false;
  bool operator==(const WriteFelix&) const = default;
};
struct DeleteFelix {
  bool operator==(const DeleteFelix&) const = default;
};
// IPAMConfig "default".
struct WriteIpamConfig {
  bool strict_affinity = false;
  bool auto_allocate_blocks = true;
  bool create = false;
  bool operator==(const WriteIpamConfig&) const = default;
};
struct DeleteIpamConfig {
  bool operator==(const DeleteIpamConfig&) const = default;
};
struct WriteVethMtu {
  api::ObjectKey config_map;
  std::string value;
  bool operator==(const WriteVethMtu&) const = default;
};

// --- DaemonSets ---
struct PatchDaemonSet {
  api::ObjectKey key;
  api::DaemonSetPatch patch;
  bool operator==(const PatchDaemonSet&) const = default;
};
struct CreateDaemonSet {
  api::ObjectKey key;
  std::string json;
  bool operator==(const CreateDaemonSet&) const = default;
};
struct DeleteDaemonSet {
  api::ObjectKey key;
  bool operator==(const DeleteDaemonSet&) const = default;
};

// --- pods ---
struct RunAgent {
  api::AgentTask task;
  bool operator==(const RunAgent&) const = default;
};
struct DeleteAgents {
  std::string node;  // empty: every agent pod
  bool operator==(const DeleteAgents&) const = default;
};
enum class Removal {
  Evict,   // through the eviction API: PodDisruptionBudgets are respected
  Delete,  // past them
};
struct RemovePod {
  api::ObjectKey pod;
  std::string uid;
  std::string node;
  std::int64_t grace_period_seconds = -1;  // negative: the pod's own
  Removal removal = Removal::Evict;
  bool operator==(const RemovePod&) const = default;
};

// --- our own objects ---
struct SaveConfigMap {
  api::ConfigMap map;
  bool replace = false;  // false: created, and left as it is when it exists
  bool operator==(const SaveConfigMap&) const = default;
};
struct DeleteConfigMap {
  std::string name;  // in the operator's namespace
  bool operator==(const DeleteConfigMap&) const = default;
};
struct SetFinalizer {
  std::string migration;
  std::string resource_version;
  std::vector<std::string> finalizers;  // all of them, afterwards
  bool operator==(const SetFinalizer&) const = default;
};
// Deletes the annotation kApproveAnnotation, whatever its value.
struct DropApproval {
  std::string migration;
  std::string message;  // why, for people
  bool operator==(const DropApproval&) const = default;
};

using Action =
    std::variant<PatchNode, SetNetworkAvailable, CreateBlock, CreateAffinity, CreateHandle,
                 AllocateVtep, ReserveAddresses, ReleaseReservation, DeleteBlock, DeleteAffinity,
                 DeleteHandle, CreatePool, DeletePool, RestorePool, WriteFelix, DeleteFelix,
                 WriteIpamConfig, DeleteIpamConfig, WriteVethMtu, PatchDaemonSet, CreateDaemonSet,
                 DeleteDaemonSet, RunAgent, DeleteAgents, RemovePod, SaveConfigMap, DeleteConfigMap,
                 SetFinalizer, DropApproval>;

// "PatchNode w1 (Cordon)": for logs and the printed plan.
std::string to_string(const Action& action);

// Actions that are carried out one after the other; the first failure ends the task. Two tasks of
// one key never run at the same time; tasks of different keys run in parallel.
struct Task {
  std::string key;  // "node/w1", "pod/<uid>", "cluster"
  std::vector<Action> actions;
  bool operator==(const Task&) const = default;
};

std::string node_key(std::string_view node);
std::string pod_key(std::string_view uid);
inline constexpr std::string_view kClusterKey = "cluster";
// Key of writes to the FlannelMigration itself, beside its status.
inline constexpr std::string_view kMigrationKey = "migration";

}  // namespace migration
