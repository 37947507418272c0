#include "controller/write/action_writer.h"

#include "api/names.h"
#include "base/log.h"
#include "base/overloaded.h"
#include "controller/snapshot/delete_result.h"
#include "controller/snapshot/resources.h"
#include "controller/snapshot/snapshot_builder.h"
#include "controller/write/agent_pod.h"
#include "json/writer.h"

#include <fmt/format.h>

namespace controller {
namespace {

using base::ErrorKind;
using Answer = base::Result<json::Document>;

Change nothing() {
  return [](SnapshotBuilder&) {};
}

// Treats NotFound as success: the object is gone, so nothing needs to be changed.
base::Result<Change> unless_gone(base::Result<Change> result) {
  if (!result && result.error().kind == ErrorKind::NotFound) return nothing();
  return result;
}

// Recognises the error by the server's sentence about the precondition: other writes to a pod are
// conflicts, too.
bool is_of_other_uid(const base::Error& error) {
  return error.kind == ErrorKind::Conflict &&
         (error.message.find("UID in the precondition") != std::string::npos ||
          error.message.find("UID in precondition") != std::string::npos);
}

template <typename Parse>
base::Result<Change> apply(const Answer& answer, Parse parse) {
  if (!answer) return base::Failure(answer.error());
  return Change(
      [object = parse(answer->root())](SnapshotBuilder& snapshot) { snapshot.apply(object); });
}

std::string felix_body(const migration::WriteFelix& action) {
  json::Writer w;
  w.object();
  if (action.create) {
    w.field("apiVersion", "crd.projectcalico.org/v1").field("kind", "FelixConfiguration");
    w.key("metadata").object().field("name", api::kDefaultName).end();
  }
  w.key("spec").object();
  for (const auto& [name, value] : action.fields) {
    if (!value && action.create) continue;
    w.key(name);
    if (!value) {
      w.null();
    } else if (const auto* flag = std::get_if<bool>(&*value)) {
      w.boolean(*flag);
    } else {
      w.integer(std::get<std::int64_t>(*value));
    }
  }
  w.end().end();
  return w.text();
}

std::string ipam_config_body(const migration::WriteIpamConfig& action) {
  json::Writer w;
  w.object();
  if (action.create) {
    w.field("apiVersion", "crd.projectcalico.org/v1").field("kind", "IPAMConfig");
    w.key("metadata").object().field("name", api::kDefaultName).end();
  }
  w.key("spec").object();
  w.key("strictAffinity").boolean(action.strict_affinity);
  w.key("autoAllocateBlocks").boolean(action.auto_allocate_blocks);
  w.end().end();
  return w.text();
}

}  // namespace

base::Result<Change> ActionWriter::run(const migration::Action& action,
                                       const api::AgentSpec& agent) const {
  return std::visit(base::overloaded{
                        [&](const migration::RunAgent& a) { return write(a, agent); },
                        [&](const auto& a) -> base::Result<Change> {
                          if constexpr (requires { ipam_.run(a); }) {
                            return ipam_.run(a);
                          } else {
                            return write(a);
                          }
                        },
                    },
                    action);
}

base::Result<Change> ActionWriter::write(const migration::CreatePool& action) const {
  return apply(writer_.create(kIpPools, "", calico::render_pool(action.pool)), api::parse_ip_pool);
}

base::Result<Change> ActionWriter::write(const migration::DeletePool& action) const {
  return deleted(writer_.remove({kIpPools, "", action.name}), Kind::IpPools, action.name);
}

base::Result<Change> ActionWriter::write(const migration::RestorePool& action) const {
  return apply(writer_.create(kIpPools, "", action.json), api::parse_ip_pool);
}

base::Result<Change> ActionWriter::write(const migration::WriteFelix& action) const {
  const auto body = felix_body(action);
  const auto answer =
      action.create ? writer_.create(kFelixConfigurations, "", body)
                    : writer_.patch({kFelixConfigurations, "", std::string(api::kDefaultName)},
                                    kube::PatchType::Merge, body);
  return apply(answer, api::parse_felix_configuration);
}

base::Result<Change> ActionWriter::write(const migration::DeleteFelix&) const {
  const std::string name(api::kDefaultName);
  return deleted(writer_.remove({kFelixConfigurations, "", name}), Kind::FelixConfigurations, name);
}

base::Result<Change> ActionWriter::write(const migration::WriteIpamConfig& action) const {
  const auto body = ipam_config_body(action);
  const auto answer = action.create
                          ? writer_.create(kIpamConfigs, "", body)
                          : writer_.patch({kIpamConfigs, "", std::string(api::kDefaultName)},
                                          kube::PatchType::Merge, body);
  return apply(answer, api::parse_ipam_config);
}

base::Result<Change> ActionWriter::write(const migration::DeleteIpamConfig&) const {
  const std::string name(api::kDefaultName);
  return deleted(writer_.remove({kIpamConfigs, "", name}), Kind::IpamConfigs, name);
}

base::Result<Change> ActionWriter::write(const migration::WriteVethMtu& action) const {
  json::Writer w;
  w.object().key("data").object().field(api::kVethMtuKey, action.value).end().end();
  return apply(writer_.patch({kube::kConfigMaps, action.config_map.ns, action.config_map.name},
                             kube::PatchType::Merge, w.text()),
               api::parse_config_map);
}

base::Result<Change> ActionWriter::write(const migration::PatchDaemonSet& action) const {
  return apply(writer_.patch({kube::kDaemonSets, action.key.ns, action.key.name},
                             kube::PatchType::Merge, api::render(action.patch)),
               api::parse_daemon_set);
}

base::Result<Change> ActionWriter::write(const migration::CreateDaemonSet& action) const {
  return apply(writer_.create(kube::kDaemonSets, action.key.ns, action.json),
               api::parse_daemon_set);
}

base::Result<Change> ActionWriter::write(const migration::DeleteDaemonSet& action) const {
  kube::DeleteOptions options;
  options.propagation = kube::Propagation::Foreground;
  const auto answer = writer_.remove({kube::kDaemonSets, action.key.ns, action.key.name}, options);
  if (!answer && answer.error().kind != ErrorKind::NotFound) return base::Failure(answer.error());
  return nothing();  // the watch reports when its pods are gone and with them the object
}

base::Result<Change> ActionWriter::write(const migration::RunAgent& action,
                                         const api::AgentSpec& agent) const {
  const auto body = render_agent_pod(action.task, {options_.ns, options_.agent_image, agent});
  const auto answer = writer_.create(kube::kPods, options_.ns, body);
  // The same task is there already: its report counts.
  if (!answer && answer.error().kind == ErrorKind::AlreadyExists) return nothing();
  if (!answer) return base::Failure(answer.error());
  return Change([pod = api::parse_pod(answer->root())](SnapshotBuilder& snapshot) {
    snapshot.apply_agent(pod);
  });
}

base::Result<Change> ActionWriter::write(const migration::DeleteAgents& action) const {
  kube::Selection select{
      options_.ns, fmt::format("{}={}", api::kComponentLabel, api::kAgentComponent), {}};
  if (!action.node.empty()) select.field_selector = "spec.nodeName=" + action.node;
  // The pods keep their own grace period: finished ones go at once, others after they have ended.
  const auto answer = writer_.remove_collection(kube::kPods, select);
  if (!answer) return base::Failure(answer.error());
  return Change([node = action.node](SnapshotBuilder& snapshot) { snapshot.agents_deleted(node); });
}

base::Result<Change> ActionWriter::write(const migration::RemovePod& action) const {
  const kube::ObjectRef pod{kube::kPods, action.pod.ns, action.pod.name};
  std::optional<std::int64_t> grace;
  if (action.grace_period_seconds >= 0) grace = action.grace_period_seconds;
  const auto answer = action.removal == migration::Removal::Evict
                          ? writer_.evict(pod, {action.uid, grace})
                          : writer_.remove(pod, {.uid = action.uid, .grace_period_seconds = grace});
  // The pod is gone, or its name belongs to another pod by now: either way this pod does not exist.
  const bool gone =
      !answer && (answer.error().kind == ErrorKind::NotFound || is_of_other_uid(answer.error()));
  if (gone) {
    return Change(
        [node = action.node, uid = action.uid](SnapshotBuilder& s) { s.remove_pod(node, uid); });
  }
  if (!answer) return base::Failure(answer.error());
  base::log_info("pod removed",
                 {{"pod", action.pod.to_string()},
                  {"node", action.node},
                  {"how", action.removal == migration::Removal::Evict ? "evicted" : "deleted"}});
  return nothing();
}

base::Result<Change> ActionWriter::write(const migration::SaveConfigMap& action) const {
  const auto body = api::render(action.map);
  auto answer = writer_.create(kube::kConfigMaps, options_.ns, body);
  if (!answer && answer.error().kind == ErrorKind::AlreadyExists) {
    if (!action.replace) return nothing();
    answer = writer_.patch({kube::kConfigMaps, options_.ns, action.map.meta.name},
                           kube::PatchType::Merge, body);
  }
  return apply(answer, api::parse_config_map);
}

base::Result<Change> ActionWriter::write(const migration::DeleteConfigMap& action) const {
  const auto answer = writer_.remove({kube::kConfigMaps, options_.ns, action.name});
  if (!answer && answer.error().kind != ErrorKind::NotFound) return base::Failure(answer.error());
  return Change([key = api::ObjectKey{options_.ns, action.name}](SnapshotBuilder& s) {
    s.remove_config_map(key);
  });
}

base::Result<Change> ActionWriter::write(const migration::SetFinalizer& action) const {
  json::Writer w;
  w.object().key("metadata").object();
  w.field("resourceVersion", action.resource_version).key("finalizers").array();
  for (const auto& name : action.finalizers) w.string(name);
  w.end().end().end();
  auto done = apply(patch_migration(action.migration, w.text()), api::parse_flannel_migration);
  if (!api::has_finalizer(action.finalizers)) return unless_gone(std::move(done));
  if (done || done.error().kind != ErrorKind::NotFound) return done;
  // The finalizer begins a migration: the rest of the task must not run for an object that is gone.
  return base::fail(ErrorKind::Conflict, "the FlannelMigration is gone");
}

base::Result<Change> ActionWriter::write(const migration::DropApproval& action) const {
  json::Writer w;
  w.object().key("metadata").object().key("annotations").object();
  w.key(api::kApproveAnnotation).null();
  w.end().end().end();
  const auto answer = patch_migration(action.migration, w.text());
  if (answer) {
    events_.record({migration_object(action.migration, (*answer)["metadata"]["uid"].string()),
                    kube::EventType::Normal,
                    "ApprovalRemoved",
                    action.message,
                    {}});
  }
  return unless_gone(apply(answer, api::parse_flannel_migration));
}

base::Result<json::Document> ActionWriter::patch_migration(const std::string& name,
                                                           const std::string& body) const {
  return writer_.patch({kFlannelMigrations, "", name}, kube::PatchType::Merge, body);
}

}  // namespace controller
