// The world outside of the planner, in memory: what the API server keeps, and what runs on the
// hosts. Controllers and kubelets are functions that change it a step at a time (controllers.h).
#pragma once

#include "migration/facts/journal.h"
#include "migration/model/action.h"
#include "migration/model/cluster_state.h"
#include "migration/model/network.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace scenario {

// Whose the VXLAN device of a host is, by its name.
enum class Device { None, Flannel, Calico };

struct Host {
  Device device = Device::None;
  // Whose CNI configuration is in force; None: no pod can start.
  migration::Network cni = migration::Network::None;
  // flannel's host-local files, and the UID of the pod that one is for: they outlive their pods
  // when another plugin gets to delete those, and where HandBack has written them.
  std::map<net::IpAddress, std::string> leases;
  // By pod UID: the network that gave the pod its address.
  std::map<std::string, migration::Network> attached;
  std::set<std::string> cut_off;  // pods whose device was deleted under them
  bool bridge = false;            // flannel's: the first address and the last are the host's own
  bool left_flannel = false;      // its flannel pod was stopped at least once
  // host-local's next IPv6 address: it goes on and on, and never gives one out twice.
  std::uint64_t next_v6 = 2;
  // Pods that were there when the CNI in force came into it.
  std::set<std::string> from_before{};
  // What HandOver finds of flannel's routes and lays beside them, by the peer that each leads to;
  // nullopt: there was none, or Felix has started since.
  struct PeerRoutes {
    std::set<net::Cidr> pod_cidrs;
    std::set<net::Cidr> blocks;
  };
  std::optional<std::map<std::string, PeerRoutes>> peer_routes{};
  int flannel_mtu = 1450;  // as flannel makes its device here
  int mtu = 1450;          // of the device, whoever has it
};

// Pods that somebody keeps running.
struct Workload {
  std::string name;
  int replicas = 0;
  bool per_node = false;  // a DaemonSet's: not stopped by a cordon
};

struct AgentFault {
  std::string node;
  api::AgentOperation operation = api::AgentOperation::HandOver;
  api::AgentResult result = api::AgentResult::Failed;
  std::string reason{};
  int times = 1;
  bool silent = false;          // never ends
  bool on_calico_only = false;  // only where the device is Calico's
};

struct Faults {
  std::vector<AgentFault> agents;
  std::set<std::string> calico_never_ready;   // nodes
  std::set<std::string> flannel_never_ready;  // nodes
  std::set<std::string> budget_blocks;        // workloads whose budget allows no eviction
  bool budget_wants_all = false;              // no eviction while any pod is not Ready
  std::set<std::string> never_start;          // workloads whose pods get no address
  std::set<std::string> nodes_down;
  std::set<std::string> new_mac;  // nodes where flannel comes back with another MAC
};

struct World {
  migration::ClusterState state;  // every node's pods are known here
  base::TimePoint now;
  std::map<std::string, Host> hosts;
  std::map<std::string, Workload> workloads;
  std::vector<api::Pod> unscheduled;
  std::map<std::string, api::AgentTask> tasks;  // by name of the agent's pod
  std::map<std::string, std::string> revision;  // template of a DaemonSet's pod, by its UID
  Faults faults;
  // Ordinals in the order in which they were freed: Calico gives those out last.
  std::map<net::Cidr, std::vector<std::uint32_t>> freed;
  std::uint64_t version = 1;
  std::set<std::string> unlucky;  // pods for which no address was free
  // flannel from v0.12 on says at its start that the node has a network; older ones, those told not
  // to, and Canal never do.
  bool flannel_tells_network = false;
  // Nodes of which a cloud's controller says that they have no route.
  std::set<std::string> no_route;
  // Turned round again and again, it is not known any more whose pods these are: to be safe, some
  // are replaced that need not be.
  bool turns_often = false;
  bool collects_garbage = true;  // kube-controllers runs
  // What must never happen and did.
  std::vector<std::string> violations;

  // Every change of an object goes through here.
  void touch(api::ObjectStamp& meta);
  std::string new_uid(std::string_view name);
  void violate(std::string what);
  std::map<std::string, api::Pod>& pods(const std::string& node) {
    return *state.nodes.at(node).pods;
  }
  api::FlannelMigration& migration() { return state.migrations.front(); }
  api::MigrationSpec& spec() { return *migration().spec; }
};

// nullopt: none, or one that cannot be read.
std::optional<migration::Journal> journal_of(const api::Node& node);
// The pods of the pod network on that host that have an address from `network`.
std::vector<const api::Pod*> living_on(const World& world, const std::string& node,
                                       migration::Network network);
// As the operator keeps them (ClusterState::far_pods and lone_pods).
migration::PodAddresses far_pods(const World& world);
migration::LonePods lone_pods(const World& world);
migration::DaemonPods flannel_pods(const World& world);
// Frees every address that the block keeps under that handle.
void free_handle(World& world, api::IpamBlock& block, const std::string& handle);
// The handle under which Calico's plugin keeps a pod's address.
std::string pod_handle(const api::Pod& pod);

}  // namespace scenario
