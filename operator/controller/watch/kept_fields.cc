#include "controller/watch/kept_fields.h"

namespace controller {
namespace {

// Members of every object, and of a metav1.Status in a watch.
json::Keep common() {
  json::Keep keep{"apiVersion", "kind", "code", "message", "reason", "details"};
  for (const auto* name :
       {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "labels", "annotations", "finalizers", "ownerReferences"}) {
    keep.add(std::string("metadata.") + name);
  }
  return keep;
}

json::Keep with(std::initializer_list<std::string_view> paths) {
  json::Keep keep = common();
  for (const auto path : paths) keep.add(path);
  return keep;
}

}  // namespace

const json::Keep& kept_fields_of_pods() {
  static const json::Keep keep = with(
      {"spec.nodeName", "spec.hostNetwork", "spec.activeDeadlineSeconds", "spec.volumes.emptyDir",
       "status.phase", "status.conditions.type", "status.conditions.status", "status.podIP",
       "status.podIPs.ip", "status.initContainerStatuses.state", "status.containerStatuses.name",
       "status.containerStatuses.state"});
  return keep;
}

const json::Keep& kept_fields(Kind kind) {
  static const json::Keep nodes =
      with({"spec.podCIDR", "spec.podCIDRs", "spec.unschedulable", "spec.taints.key",
            "status.conditions.type", "status.conditions.status", "status.conditions.reason",
            "status.addresses", "status.nodeInfo.operatingSystem",
            "status.nodeInfo.containerRuntimeVersion", "status.nodeInfo.kubeletVersion",
            "status.allocatable.pods"});
  static const json::Keep with_status = with({"spec", "status"});
  static const json::Keep calicos = with({"spec"});
  if (kind == Kind::Nodes) return nodes;
  if (kind == Kind::AgentPods) return kept_fields_of_pods();
  const bool has_status = kind == Kind::FlannelMigrations || kind == Kind::DaemonSets;
  return has_status ? with_status : calicos;
}

}  // namespace controller
