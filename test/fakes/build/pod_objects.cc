#include "api/names.h"
#include "fakes/build/objects.h"

#include <fmt/format.h>

namespace build {

api::Pod plain_pod(const std::string& name, const std::string& node) {
  api::Pod pod;
  pod.meta.ns = "default";
  pod.meta.name = name;
  pod.meta.uid = "uid-" + name;
  pod.meta.created = start_time();
  pod.node_name = node;
  pod.phase = "Running";
  pod.ready = true;
  owned_by("ReplicaSet", "web", "uid-web")(pod);
  return pod;
}

PodChange with_ip(std::string_view address) {
  return [wanted = ip(address)](api::Pod& pod) { pod.ips.push_back(wanted); };
}
PodChange owned_by(std::string_view kind, std::string_view name, std::string_view uid) {
  const api::OwnerReference owner{std::string(kind), std::string(name), std::string(uid), true};
  return [owner](api::Pod& pod) { pod.meta.owners = {owner}; };
}
PodChange bare() {
  return [](api::Pod& pod) { pod.meta.owners.clear(); };
}
PodChange host_network() {
  return [](api::Pod& pod) { pod.host_network = true; };
}
PodChange created_at(base::TimePoint when) {
  return [when](api::Pod& pod) { pod.meta.created = when; };
}
PodChange terminating() {
  return [](api::Pod& pod) { pod.meta.deleting = start_time(); };
}
PodChange in_phase(std::string_view phase) {
  return [phase = std::string(phase)](api::Pod& pod) { pod.phase = phase; };
}
PodChange static_pod() {
  return [](api::Pod& pod) {
    pod.mirror = true;
    pod.meta.owners = {{"Node", pod.node_name, "uid-" + pod.node_name, true}};
  };
}
PodChange in_namespace(std::string_view ns) {
  return [ns = std::string(ns)](api::Pod& pod) { pod.meta.ns = ns; };
}

std::string agent_pod_name(const api::AgentTask& task) {
  return fmt::format("agent-{}-{}-{}", api::to_string(task.operation), task.node, task.run);
}

api::Pod a_starting_agent(const api::AgentTask& task, base::TimePoint created) {
  api::Pod pod;
  pod.meta.ns = "flannel-migration";
  pod.meta.name = agent_pod_name(task);
  pod.meta.uid = "uid-" + pod.meta.name;
  pod.meta.created = created;
  pod.meta.labels = {{std::string(api::kNameLabel), std::string(api::kProduct)},
                     {std::string(api::kComponentLabel), std::string(api::kAgentComponent)},
                     {std::string(api::kOperationLabel), std::string(to_string(task.operation))},
                     {std::string(api::kRunLabel), std::to_string(task.run)}};
  pod.node_name = task.node;
  pod.host_network = true;
  pod.phase = "Pending";
  return pod;
}

api::Pod a_finished_agent(const api::AgentTask& task, const api::AgentReport& report,
                          base::TimePoint created) {
  api::Pod pod = a_starting_agent(task, created);
  const bool succeeded = report.result == api::AgentResult::Succeeded;
  pod.phase = succeeded ? "Succeeded" : "Failed";
  pod.exit_code = succeeded ? 0 : 1;
  pod.termination_message = api::render_agent_report(report, task.pod_cidrs);
  return pod;
}

}  // namespace build
