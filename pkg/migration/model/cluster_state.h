// The observed state of the cluster, by value: everything that the planner may use.
#pragma once

#include "api/agent.h"
#include "api/calico.h"
#include "api/config_map.h"
#include "api/daemon_set.h"
#include "api/flannel_migration.h"
#include "api/node.h"
#include "api/pod.h"
#include "base/time.h"
#include "calico/account_needs.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace migration {

// The place of this program in the cluster, and what it runs as.
struct Identity {
  std::string ns = "flannel-migration";  // of agent pods and saved originals
  std::string node;             // that runs the operator; empty when it runs outside of the cluster
  std::string pod;              // its own pod's name; empty likewise
  bool has_agent_image = true;  // for agents of which spec.agent.image says nothing
  bool operator==(const Identity&) const = default;
};

// The last answer to a request to remove a pod.
struct RemovalAttempt {
  base::TimePoint not_before{};  // earliest time of the next try
  std::string reason;            // DisruptionBudget, ...
  std::string message;           // names the budget and its numbers
  base::TimePoint first{};       // time of the first try
  bool operator==(const RemovalAttempt&) const = default;
};

struct NodeState {
  api::Node node;
  // Pods on this node; nullopt until a plan asked for them (Plan::track) and they were read.
  std::optional<std::map<std::string, api::Pod>> pods;  // by UID
  std::map<std::string, api::Pod> agents;               // agent pods of this node, by name
  // A patch on its way to the API server, whose answer is not known yet.
  std::optional<api::NodePatch> pending;
};

// IPv6 addresses of pods, by node and by the pod's UID.
using PodAddresses = std::map<std::string, std::map<std::string, net::IpAddress>>;

// A pod of the pod network without a controller that would recreate it.
struct LonePod {
  api::ObjectKey key;
  bool mirror = false;  // a static pod: only on its node it can be restarted
  bool operator==(const LonePod&) const = default;
};
// By node and by the pod's UID.
using LonePods = std::map<std::string, std::map<std::string, LonePod>>;
// nullopt for a pod with a controller, or with nothing to lose.
std::optional<LonePod> lone_pod(const api::Pod& pod);

// A DaemonSet's pod on the host's network, which flanneld needs.
struct DaemonPod {
  std::string name;
  api::ObjectKey set;
  std::string set_uid;
  bool ready = false;
  bool operator==(const DaemonPod&) const = default;
};
// By node and by the pod's UID.
using DaemonPods = std::map<std::string, std::map<std::string, DaemonPod>>;
// nullopt for any other pod, and for one that has ended.
std::optional<DaemonPod> daemon_pod(const api::Pod& pod);

// Reasons why the objects of a kind are not known. An empty list says nothing then.
enum class Unseen {
  NotListed,  // no list has come yet
  Refused,    // the API server does not allow to list or watch it
  NotServed,  // its CustomResourceDefinition is not installed
  Lost,       // its lists have been failing for a while: the objects are as they were before
};

struct ClusterState {
  Identity self;
  std::vector<api::FlannelMigration> migrations;
  std::map<std::string, NodeState> nodes;
  std::map<api::ObjectKey, api::DaemonSet> daemon_sets;
  // Kinds, and single ConfigMaps, whose objects are not known: "nodes", "configmap ns/name".
  std::map<std::string, Unseen> unseen;
  // resourceVersion up to which every change of a Node is in `nodes`; a number, or empty.
  std::string nodes_version;
  bool calico_v3_group = false;  // projectcalico.org/v3 CRDs instead of crd.projectcalico.org/v1
  std::vector<std::string> missing_permissions;  // "patch nodes", from access reviews alone
  std::vector<calico::AccountNeed> missing_account_rights;  // from the same

  std::map<std::string, api::IpPool> pools;
  std::optional<api::FelixConfiguration> felix;               // of all nodes, "default"
  std::map<std::string, api::FelixConfiguration> node_felix;  // of single nodes, by object name
  std::optional<api::IpamConfig> ipam_config;
  std::optional<api::ClusterInformation> cluster_information;
  std::map<net::Cidr, api::IpamBlock> blocks;
  std::map<std::string, api::BlockAffinity> affinities;  // by object name
  std::map<std::string, api::IpamHandle> handles;  // by handle ID; only of tunnels and reservations

  // Facts about all pods; nullopt until a plan asked for them (Plan::all_pods) and they were read.
  // Addresses are only those beyond a node's first blocks (is_far).
  std::optional<PodAddresses> far_pods;
  std::optional<LonePods> lone_pods;
  // Pods of the DaemonSets that run flanneld, and of DaemonSets that are not known, be it yet or
  // since a deletion.
  std::optional<DaemonPods> flannel_pods;

  std::map<api::ObjectKey, api::ConfigMap> config_maps;  // the few that matter
  std::map<std::string, RemovalAttempt> removals;        // by pod UID

  // Keys with a task on its way, or waiting after a failure: no further task is planned for them
  // now.
  std::set<std::string> busy;
  // The last failure of a key's task, for people; gone with the next success.
  std::map<std::string, std::string> errors;

  // Set when a plan is only asked for and never carried out (`plan -f`): says how a person can have
  // it carried out.
  std::optional<std::string> dry_run;
};

// The name of a ConfigMap in `unseen`.
std::string unseen_config_map(const api::ObjectKey& key);
// Names of the kinds that are unseen for that reason.
std::vector<std::string> unseen_kinds(const ClusterState& cluster, Unseen why);
// True if `nodes` holds every Node that existed when this object was written: only then a node that
// the object names and `nodes` lacks is gone. Each kind has a watch of its own, and the nodes' may
// be behind.
bool nodes_known_since(const ClusterState& cluster, const api::ObjectStamp& object);

// Returns nullptr if there is none of that name.
const api::FlannelMigration* find_migration(const ClusterState& cluster, std::string_view name);
// A pod with a live address of the pod network, as the API knows it.
std::vector<const api::Pod*> network_pods(const NodeState& node);
// The pod of that DaemonSet on this node; nullptr when there is none (or the node's pods are not
// known).
const api::Pod* daemon_pod(const NodeState& node, const api::DaemonSet& set);

}  // namespace migration
