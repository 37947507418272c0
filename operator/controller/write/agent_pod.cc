#include "controller/write/agent_pod.h"

#include "api/names.h"
#include "calico/names.h"
#include "json/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace controller {
namespace {

struct HostPath {
  const char* name;
  const char* path;
  const char* type;
};

// Host paths that the agent reads or writes; no others are mounted. The CNI configuration folder
// comes from the task.
constexpr std::array kHostPaths = {
    HostPath{"run-flannel", "/run/flannel", "DirectoryOrCreate"},
    HostPath{"cni-state", "/var/lib/cni", "DirectoryOrCreate"},
    HostPath{"calico-state", "/var/lib/calico", "DirectoryOrCreate"},
    HostPath{"run-calico", "/var/run/calico", "DirectoryOrCreate"},
    HostPath{"xtables-lock", "/run/xtables.lock", "FileOrCreate"},
};
constexpr const char* kCniVolume = "cni-config";

void write_metadata(json::Writer& w, const api::AgentTask& task, const AgentPodOptions& options) {
  w.key("metadata").object();
  w.field("name", agent_pod_name(task)).field("namespace", options.ns);
  w.key("labels").object();
  w.field(api::kNameLabel, api::kProduct).field(api::kComponentLabel, api::kAgentComponent);
  w.field(api::kOperationLabel, api::to_string(task.operation));
  w.field(api::kRunLabel, fmt::format("{}", task.run)).end();
  std::string cidrs;
  for (const auto& cidr : task.pod_cidrs) cidrs += (cidrs.empty() ? "" : ",") + cidr.to_string();
  w.key("annotations").object().field(api::kPodCidrAnnotation, cidrs).end();
  w.end();
}

void write_security(json::Writer& w) {
  w.key("securityContext").object();
  w.key("privileged").boolean(false).key("allowPrivilegeEscalation").boolean(false);
  w.key("readOnlyRootFilesystem").boolean(true).key("runAsUser").integer(0);
  w.key("capabilities").object();
  w.key("drop").array().string("ALL").end();
  // Devices, routes and packet filters; ICMP probes; files of other owners in the CNI folders.
  w.key("add").array().string("NET_ADMIN").string("NET_RAW").string("DAC_OVERRIDE").end();
  w.end();
  w.key("seccompProfile").object().field("type", "RuntimeDefault").end();
  // SELinux, if it is enforced, keeps an ordinary container from writing to the host's folders.
  w.key("seLinuxOptions").object().field("type", "spc_t").field("level", "s0").end();
  w.end();
}

void write_mounts(json::Writer& w, const std::string& cni_config_dir) {
  w.key("volumeMounts").array();
  w.object().field("name", kCniVolume).field("mountPath", cni_config_dir).end();
  for (const auto& host : kHostPaths)
    w.object().field("name", host.name).field("mountPath", host.path).end();
  w.end();
}

void write_volumes(json::Writer& w, const std::string& cni_config_dir) {
  const auto volume = [&w](const char* name, const std::string& path, const char* type) {
    w.object().field("name", name).key("hostPath").object();
    w.field("path", path).field("type", type).end().end();
  };
  w.key("volumes").array();
  volume(kCniVolume, cni_config_dir, "DirectoryOrCreate");
  for (const auto& host : kHostPaths) volume(host.name, host.path, host.type);
  w.end();
}

void write_container(json::Writer& w, const api::AgentTask& task, const AgentPodOptions& options) {
  w.key("containers").array().object();
  w.field("name", api::kAgentContainer);
  w.field("image", options.spec.image.empty() ? options.image : options.spec.image);
  w.field("imagePullPolicy", options.spec.image_pull_policy);
  w.key("command").array().string(api::kAgentProgram).end();
  w.key("args").array();
  for (const auto& argument : task.arguments()) w.string(argument);
  w.end();
  w.field("terminationMessagePolicy", "File");
  w.key("resources")
      .object()
      .key("requests")
      .object()
      .field("cpu", "10m")
      .field("memory", "16Mi")
      .end()
      .end();
  write_security(w);
  write_mounts(w, task.cni_config_dir);
  w.end().end();
}

// A check that is over soon still has the time that a pod needs to start.
std::int64_t deadline_seconds(const api::AgentTask& task, const api::AgentSpec& spec) {
  const auto pod = std::chrono::ceil<std::chrono::seconds>(spec.timeout).count();
  return std::max<std::int64_t>(pod, task.timeout_seconds);
}

void write_pull_secrets(json::Writer& w, const api::AgentSpec& spec) {
  if (spec.image_pull_secrets.empty()) return;
  w.key("imagePullSecrets").array();
  for (const auto& name : spec.image_pull_secrets) w.object().field("name", name).end();
  w.end();
}

}  // namespace

std::string agent_pod_name(const api::AgentTask& task) {
  // Node names may be longer than a pod name has room for.
  const auto hash = calico::hostname_hash(task.node).substr(0, 10);
  std::string lower;
  for (const char c : hash) lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
  return fmt::format("fm-{}-{}-{}", api::to_string(task.operation), lower, task.run);
}

std::string render_agent_pod(const api::AgentTask& task, const AgentPodOptions& options) {
  json::Writer w;
  w.object().field("apiVersion", "v1").field("kind", "Pod");
  write_metadata(w, task, options);
  w.key("spec").object();
  w.field("nodeName", task.node).field("restartPolicy", "Never");
  w.key("hostNetwork").boolean(true).key("automountServiceAccountToken").boolean(false);
  w.field("serviceAccountName", api::kAgentServiceAccount);
  w.field("priorityClassName", "system-node-critical");
  w.key("enableServiceLinks").boolean(false);
  w.key("activeDeadlineSeconds").integer(deadline_seconds(task, options.spec));
  w.key("terminationGracePeriodSeconds").integer(5);
  w.key("tolerations").array().object().field("operator", "Exists").end().end();
  write_pull_secrets(w, options.spec);
  write_container(w, task, options);
  write_volumes(w, task.cni_config_dir);
  w.end().end();
  return w.text();
}

}  // namespace controller
