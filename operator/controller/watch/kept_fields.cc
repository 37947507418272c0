#include "controller/watch/kept_fields.h"

namespace controller {
namespace {

// Every object, and what a metav1.Status in a watch has.
json::Keep common() {
  json::Keep keep{"apiVersion", "kind", "code", "message", "reason", "details"};
  for (const auto* name :
       {"name", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "finalizers",
        "ownerReferences", "generateName"}) {
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
  static const json::Keep keep = with({"spec.nodeName",
                                       "spec.hostNetwork",
                                       "spec.activeDeadlineSeconds",
                                       "spec.restartPolicy",
                                       "spec.terminationGracePeriodSeconds",
                                       "spec.priorityClassName",
                                       "spec.nodeSelector",
                                       "spec.tolerations",
                                       "spec.volumes.name",
                                       "spec.volumes.emptyDir",
                                       "spec.containers.name",
                                       "spec.containers.ports",
                                       "status.phase",
                                       "status.reason",
                                       "status.message",
                                       "status.startTime",
                                       "status.conditions",
                                       "status.hostIP",
                                       "status.podIP",
                                       "status.podIPs.ip",
                                       "status.initContainerStatuses",
                                       "status.containerStatuses"});
  return keep;
}

const json::Keep& kept_fields(Kind kind) {
  static const json::Keep nodes =
      with({"spec.podCIDR", "spec.podCIDRs", "spec.unschedulable", "spec.taints", "spec.providerID",
            "status.conditions", "status.addresses", "status.nodeInfo", "status.capacity",
            "status.allocatable"});
  static const json::Keep with_status = with({"spec", "status"});
  static const json::Keep calicos = with({"spec"});
  if (kind == Kind::Nodes) return nodes;
  if (kind == Kind::AgentPods) return kept_fields_of_pods();
  const bool has_status = kind == Kind::FlannelMigrations || kind == Kind::DaemonSets;
  return has_status ? with_status : calicos;
}

}  // namespace controller
