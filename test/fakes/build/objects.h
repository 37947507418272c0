// Objects with valid defaults: a test says only what matters to it.
//   a_node("w1", with_pod_cidr("10.244.1.0/24"), cordoned())
//   a_migration(target(api::Target::Flannel), max_unavailable("10%"))
#pragma once

#include "api/agent.h"
#include "api/calico.h"
#include "api/config_map.h"
#include "api/daemon_set.h"
#include "api/flannel_migration.h"
#include "api/node.h"
#include "api/pod.h"
#include "migration/facts/journal.h"

#include <functional>
#include <string>
#include <string_view>

namespace build {

net::Cidr cidr(std::string_view text);
net::IpAddress ip(std::string_view text);
base::TimePoint at(std::string_view rfc3339);
// Where the clocks of tests begin.
base::TimePoint start_time();

// --- nodes: flannel runs there, Ready, 10.244.1.0/24 ---
using NodeChange = std::function<void(api::Node&)>;
api::Node plain_node(const std::string& name);
template <typename... Changes>
api::Node a_node(const std::string& name, const Changes&... changes) {
  api::Node node = plain_node(name);
  (changes(node), ...);
  return node;
}
NodeChange with_pod_cidr(std::string_view cidr);  // adds; the first call replaces the default
NodeChange with_internal_ip(std::string_view address);
NodeChange with_label(std::string_view key, std::string_view value);
NodeChange with_annotation(std::string_view key, std::string_view value);
NodeChange without_annotation(std::string_view key);
NodeChange with_journal(const migration::Journal& journal);
NodeChange on_network(migration::Network network);
// What flannel writes about its VXLAN device.
NodeChange with_flannel(std::string_view mac, std::string_view public_ip);
NodeChange with_flannel_v6(std::string_view mac, std::string_view public_ip);
NodeChange without_flannel();
NodeChange control_plane();
NodeChange cordoned();
NodeChange not_ready();

// --- DaemonSets, as the API server would answer them ---
api::DaemonSet a_daemon_set(std::string_view json);
api::DaemonSet a_flannel_set();
api::DaemonSet a_canal_set();
api::DaemonSet a_calico_node_set();  // with the migration's node selector
// The same set with another JSON text at a pointer.
api::DaemonSet with(const api::DaemonSet& set, std::string_view pointer, std::string_view json);

// --- ConfigMaps ---
api::ConfigMap a_config_map(std::string_view ns, std::string_view name, api::StringMap data);
api::ConfigMap a_flannel_config(std::string_view net_conf);
inline constexpr std::string_view kNetConf =
    R"({"Network":"10.244.0.0/16","Backend":{"Type":"vxlan"}})";

// --- Calico's objects ---
api::IpPool a_pool(std::string_view name, std::string_view cidr, int block_size = 26);
api::IpPool a_pool_of(std::string_view json);
api::IpamBlock a_block(std::string_view node, std::string_view cidr);
api::BlockAffinity an_affinity(std::string_view node, std::string_view cidr);
api::FelixConfiguration a_felix(std::string_view spec_json);
api::IpamConfig an_ipam_config(bool strict, bool auto_allocate);

// --- pods: on the pod network, running, of a ReplicaSet ---
using PodChange = std::function<void(api::Pod&)>;
api::Pod plain_pod(const std::string& name, const std::string& node);
template <typename... Changes>
api::Pod a_pod(const std::string& name, const std::string& node, const Changes&... changes) {
  api::Pod pod = plain_pod(name, node);
  (changes(pod), ...);
  return pod;
}
PodChange with_ip(std::string_view address);
PodChange owned_by(std::string_view kind, std::string_view name, std::string_view uid);
PodChange bare();
PodChange host_network();
PodChange created_at(base::TimePoint when);
PodChange terminating();
PodChange in_phase(std::string_view phase);
PodChange static_pod();
PodChange in_namespace(std::string_view ns);

// An agent's pod that has ended with that report.
api::Pod a_finished_agent(const api::AgentTask& task, const api::AgentReport& report,
                          base::TimePoint created);
std::string agent_pod_name(const api::AgentTask& task);
api::Pod a_starting_agent(const api::AgentTask& task, base::TimePoint created);

// --- FlannelMigrations: towards Calico, all defaults ---
using SpecChange = std::function<void(api::MigrationSpec&)>;
api::FlannelMigration plain_migration();
template <typename... Changes>
api::FlannelMigration a_migration(const Changes&... changes) {
  api::FlannelMigration migration = plain_migration();
  (changes(*migration.spec), ...);
  return migration;
}
SpecChange target(api::Target target);
SpecChange method(api::Method method);
SpecChange max_unavailable(std::string_view number_or_percent);
SpecChange paused();
SpecChange plan_only();

}  // namespace build
