#include "fakes/build/objects.h"

#include <fmt/format.h>

namespace build {
namespace {

// kube-flannel.yml of flannel v0.28.4, shortened.
constexpr std::string_view kFlannel = R"({
  "apiVersion": "apps/v1", "kind": "DaemonSet",
  "metadata": {"name": "kube-flannel-ds", "namespace": "kube-flannel", "uid": "uid-kube-flannel-ds",
    "resourceVersion": "1", "generation": 1, "labels": {"app": "flannel", "tier": "node"}},
  "spec": {
    "selector": {"matchLabels": {"app": "flannel"}},
    "template": {
      "metadata": {"labels": {"app": "flannel", "tier": "node"}},
      "spec": {
        "hostNetwork": true,
        "containers": [{"name": "kube-flannel", "image": "ghcr.io/flannel-io/flannel:v0.28.4",
          "command": ["/opt/bin/flanneld"], "args": ["--ip-masq", "--kube-subnet-mgr"]}],
        "volumes": [{"name": "flannel-cfg", "configMap": {"name": "kube-flannel-cfg"}}]
      }
    },
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
  },
  "status": {}
})";

constexpr std::string_view kCanal = R"({
  "apiVersion": "apps/v1", "kind": "DaemonSet",
  "metadata": {"name": "canal", "namespace": "kube-system", "uid": "uid-canal",
    "resourceVersion": "1", "generation": 1, "labels": {"k8s-app": "canal"}},
  "spec": {
    "selector": {"matchLabels": {"k8s-app": "canal"}},
    "template": {
      "metadata": {"labels": {"k8s-app": "canal"}},
      "spec": {
        "hostNetwork": true,
        "serviceAccountName": "canal",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "initContainers": [{"name": "install-cni", "image": "docker.io/calico/cni:v3.30.0",
          "command": ["/opt/cni/bin/install"],
          "env": [{"name": "CALICO_CNI_SERVICE_ACCOUNT",
            "valueFrom": {"fieldRef": {"fieldPath": "spec.serviceAccountName"}}}]}],
        "containers": [
          {"name": "calico-node", "image": "docker.io/calico/node:v3.30.0"},
          {"name": "kube-flannel", "image": "docker.io/flannel/flannel:v0.24.4",
           "command": ["/opt/bin/flanneld", "--ip-masq", "--kube-subnet-mgr"]}],
        "volumes": [{"name": "flannel-cfg", "configMap": {"name": "canal-config"}}]
      }
    },
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
  },
  "status": {}
})";

constexpr std::string_view kCalico = R"({
  "apiVersion": "apps/v1", "kind": "DaemonSet",
  "metadata": {"name": "calico-node", "namespace": "kube-system", "uid": "uid-calico-node",
    "resourceVersion": "1", "generation": 1, "labels": {"k8s-app": "calico-node"}},
  "spec": {
    "selector": {"matchLabels": {"k8s-app": "calico-node"}},
    "template": {
      "metadata": {"labels": {"k8s-app": "calico-node"}},
      "spec": {
        "hostNetwork": true,
        "serviceAccountName": "calico-node",
        "nodeSelector": {"kubernetes.io/os": "linux",
          "projectcalico.org/node-network-during-migration": "calico"},
        "containers": [{"name": "calico-node", "image": "quay.io/calico/node:v3.31.0"}]
      }
    },
    "updateStrategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}}
  },
  "status": {}
})";

}  // namespace

api::DaemonSet a_daemon_set(std::string_view json) {
  return api::parse_daemon_set(json::Document::parse(json).value().root());
}
api::DaemonSet a_flannel_set() { return a_daemon_set(kFlannel); }
api::DaemonSet a_canal_set() { return a_daemon_set(kCanal); }
api::DaemonSet a_calico_node_set() { return a_daemon_set(kCalico); }

api::DaemonSet with(const api::DaemonSet& set, std::string_view pointer, std::string_view json) {
  auto document = json::Document::parse(set.json).value();
  document.set(pointer, json::Document::parse(json).value().root());
  return api::parse_daemon_set(document.root());
}

api::ConfigMap a_config_map(std::string_view ns, std::string_view name, api::StringMap data) {
  api::ConfigMap map;
  map.meta.ns = ns;
  map.meta.name = name;
  map.meta.uid = fmt::format("uid-{}", name);
  map.meta.resource_version = "1";
  map.data = std::move(data);
  return map;
}

api::ConfigMap a_flannel_config(std::string_view net_conf) {
  return a_config_map("kube-flannel", "kube-flannel-cfg",
                      {{"net-conf.json", std::string(net_conf)}});
}

}  // namespace build
