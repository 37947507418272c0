"""flannel as its own manifest (v0.28) installs it, and Canal as Calico's manifest does."""
import json

TOLERATE_ALL = [{"operator": "Exists", "effect": "NoSchedule"}]
CNI_CONF = {
    "name": "cbr0",
    "cniVersion": "0.3.1",
    "plugins": [
        {"type": "flannel", "delegate": {"hairpinMode": True, "isDefaultGateway": True}},
        {"type": "portmap", "capabilities": {"portMappings": True}},
    ],
}
CANAL_CNI_CONF = """{
  "name": "k8s-pod-network",
  "cniVersion": "0.3.1",
  "plugins": [
    {
      "type": "calico",
      "log_level": "info",
      "log_file_path": "/var/log/calico/cni/cni.log",
      "datastore_type": "kubernetes",
      "nodename": "__KUBERNETES_NODE_NAME__",
      "mtu": __CNI_MTU__,
      "ipam": {"type": "host-local", "subnet": "usePodCidr"},
      "policy": {"type": "k8s"},
      "kubernetes": {"kubeconfig": "__KUBECONFIG_FILEPATH__"}
    },
    {"type": "portmap", "snat": true, "capabilities": {"portMappings": true}},
    {"type": "bandwidth", "capabilities": {"bandwidth": true}}
  ]
}"""


def net_conf(options):
    backend = {"Type": options.backend}
    if options.vni != 1:
        backend["VNI"] = options.vni
    if options.port:
        backend["Port"] = options.port
    if options.direct_routing:
        backend["DirectRouting"] = True
    conf = {"Network": options.network}
    if options.subnet_length != 24:
        conf["SubnetLen"] = options.subnet_length
    if options.dual_stack:
        conf |= {"EnableIPv6": True, "IPv6Network": options.ipv6_network}
    conf |= {"EnableNFTables": False} if not options.canal else {}
    return json.dumps(conf | {"Backend": backend}, indent=2) + "\n"


def meta(name, namespace, **more):
    return {"name": name, "namespace": namespace} | more


def host_path(name, path, kind=None):
    return {"name": name, "hostPath": {"path": path} | ({"type": kind} if kind else {})}


def mount(name, path, **more):
    return {"name": name, "mountPath": path} | more


def field(name, path):
    return {"name": name, "valueFrom": {"fieldRef": {"fieldPath": path}}}


def from_config(name, config_map, key):
    return {"name": name, "valueFrom": {"configMapKeyRef": {"name": config_map, "key": key}}}


def daemon_set(name, namespace, labels, pod_labels, pod_spec, **spec):
    selector = {key: value for key, value in pod_labels.items() if key in ("app", "k8s-app")}
    return {
        "apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta(name, namespace, labels=labels),
        "spec": {"selector": {"matchLabels": selector},
                 "template": {"metadata": {"labels": pod_labels}, "spec": pod_spec}} | spec,
    }


def flannel_container(options):
    arguments = ["--kube-subnet-mgr"] if options.no_ip_masq else ["--ip-masq", "--kube-subnet-mgr"]
    if options.annotation_prefix != "flannel.alpha.coreos.com":
        arguments.append(f"--kube-annotation-prefix={options.annotation_prefix}")
    return {
        "name": "kube-flannel", "image": "ghcr.io/flannel-io/flannel:v0.28.4",
        "command": ["/opt/bin/flanneld"], "args": arguments,
        "env": [field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace"),
                {"name": "EVENT_QUEUE_DEPTH", "value": "5000"},
                {"name": "CONT_WHEN_CACHE_NOT_READY", "value": "false"}],
        "resources": {"requests": {"cpu": "100m", "memory": "50Mi"}},
        "securityContext": {"privileged": False, "capabilities": {"add": ["NET_ADMIN", "NET_RAW"]}},
        "volumeMounts": [mount("run", "/run/flannel"), mount("flannel-cfg", "/etc/kube-flannel/"),
                         mount("xtables-lock", "/run/xtables.lock")],
    }


def flannel_pod_spec(options):
    linux = {"key": "kubernetes.io/os", "operator": "In", "values": ["linux"]}
    return {
        "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
            "nodeSelectorTerms": [{"matchExpressions": [linux]}]}}},
        "containers": [flannel_container(options)],
        "hostNetwork": True,
        "initContainers": [
            {"name": "install-cni-plugin", "image": "ghcr.io/flannel-io/flannel-cni-plugin:v1.9.1-flannel1",
             "command": ["cp"], "args": ["-f", "/flannel", "/opt/cni/bin/flannel"],
             "volumeMounts": [mount("cni-plugin", "/opt/cni/bin")]},
            {"name": "install-cni", "image": "ghcr.io/flannel-io/flannel:v0.28.4", "command": ["cp"],
             "args": ["-f", "/etc/kube-flannel/cni-conf.json", "/etc/cni/net.d/10-flannel.conflist"],
             "volumeMounts": [mount("cni", "/etc/cni/net.d"), mount("flannel-cfg", "/etc/kube-flannel/")]},
        ],
        "priorityClassName": "system-node-critical",
        "serviceAccountName": "flannel",
        "tolerations": TOLERATE_ALL,
        "volumes": [host_path("run", "/run/flannel"), host_path("cni-plugin", "/opt/cni/bin"),
                    host_path("cni", "/etc/cni/net.d"),
                    {"name": "flannel-cfg", "configMap": {"name": "kube-flannel-cfg"}},
                    host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate")],
    }


def flannel_objects(options):
    namespace = options.namespace
    labels = {"app": "flannel", "tier": "node"}
    cni_conf = json.dumps(CNI_CONF, indent=2) + "\n"
    return [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {
            "k8s-app": "flannel", "pod-security.kubernetes.io/enforce": "privileged"}}},
        {"apiVersion": "v1", "kind": "ServiceAccount",
         "metadata": meta("flannel", namespace, labels={"k8s-app": "flannel"})},
        {"apiVersion": "v1", "kind": "ConfigMap",
         "metadata": meta("kube-flannel-cfg", namespace, labels=labels | {"k8s-app": "flannel"}),
         "data": {"cni-conf.json": cni_conf, "net-conf.json": net_conf(options)}},
        daemon_set("kube-flannel-ds", namespace, labels | {"k8s-app": "flannel"}, labels, flannel_pod_spec(options)),
    ]


def values(**of_name):
    return [{"name": name, "value": value} for name, value in of_name.items()]


def probe(argument, **more):
    return {"exec": {"command": ["/bin/calico-node", argument]}, "periodSeconds": 10, "timeoutSeconds": 10} | more


def canal_containers(options):
    return [
        {"name": "calico-node", "image": "quay.io/calico/node:v3.32.1", "securityContext": {"privileged": True},
         "env": [*values(DATASTORE_TYPE="kubernetes", USE_POD_CIDR="true", WAIT_FOR_DATASTORE="true"),
                 field("NODENAME", "spec.nodeName"),
                 *values(CALICO_NETWORKING_BACKEND="none", CLUSTER_TYPE="k8s,canal", FELIX_IPTABLESREFRESHINTERVAL="60",
                         IP="", FELIX_DEFAULTENDPOINTTOHOSTACTION="ACCEPT", FELIX_IPV6SUPPORT="false",
                         FELIX_HEALTHENABLED="true")],
         "resources": {"requests": {"cpu": "250m"}},
         "lifecycle": {"preStop": {"exec": {"command": ["/bin/calico-node", "-shutdown"]}}},
         "livenessProbe": probe("-felix-live", initialDelaySeconds=10, failureThreshold=6),
         "readinessProbe": probe("-felix-ready"),
         "volumeMounts": [mount("lib-modules", "/lib/modules", readOnly=True), mount("xtables-lock", "/run/xtables.lock"),
                          mount("var-run-calico", "/var/run/calico"), mount("var-lib-calico", "/var/lib/calico"),
                          mount("policysync", "/var/run/nodeagent"),
                          mount("cni-log-dir", "/var/log/calico/cni", readOnly=True)]},
        # What flanneld writes to /run/flannel stays inside: that is no folder of the node.
        {"name": "kube-flannel", "image": options.canal_flannel_image,
         "command": ["/opt/bin/flanneld", "--ip-masq", "--kube-subnet-mgr"],
         "securityContext": {"privileged": True},
         "env": [field("POD_NAME", "metadata.name"), field("POD_NAMESPACE", "metadata.namespace"),
                 from_config("FLANNELD_IFACE", "canal-config", "canal_iface"),
                 from_config("FLANNELD_IP_MASQ", "canal-config", "masquerade")],
         "volumeMounts": [mount("xtables-lock", "/run/xtables.lock"), mount("flannel-cfg", "/etc/kube-flannel/")]},
    ]


def canal_pod_spec(options):
    return {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "hostNetwork": True,
        "tolerations": TOLERATE_ALL + [{"key": "CriticalAddonsOnly", "operator": "Exists"},
                                       {"effect": "NoExecute", "operator": "Exists"}],
        "serviceAccountName": "canal",
        "terminationGracePeriodSeconds": 0,
        "priorityClassName": "system-node-critical",
        "initContainers": [
            {"name": "install-cni", "image": "quay.io/calico/cni:v3.32.1", "command": ["/opt/cni/bin/install"],
             "env": [*values(CNI_CONF_NAME="10-canal.conflist"),
                     from_config("CNI_NETWORK_CONFIG", "canal-config", "cni_network_config"),
                     field("KUBERNETES_NODE_NAME", "spec.nodeName"),
                     field("CALICO_CNI_SERVICE_ACCOUNT", "spec.serviceAccountName"),
                     from_config("CNI_MTU", "canal-config", "veth_mtu"), *values(SLEEP="false")],
             "securityContext": {"privileged": True},
             "volumeMounts": [mount("cni-bin-dir", "/host/opt/cni/bin"), mount("cni-net-dir", "/host/etc/cni/net.d")]}],
        "containers": canal_containers(options),
        "volumes": [host_path("lib-modules", "/lib/modules"), host_path("xtables-lock", "/run/xtables.lock", "FileOrCreate"),
                    host_path("var-run-calico", "/var/run/calico", "DirectoryOrCreate"),
                    host_path("var-lib-calico", "/var/lib/calico", "DirectoryOrCreate"),
                    host_path("policysync", "/var/run/nodeagent", "DirectoryOrCreate"),
                    host_path("cni-bin-dir", "/opt/cni/bin", "DirectoryOrCreate"),
                    host_path("cni-net-dir", "/etc/cni/net.d"), host_path("cni-log-dir", "/var/log/calico/cni"),
                    {"name": "flannel-cfg", "configMap": {"name": "canal-config"}}],
    }


def canal_objects(options):
    namespace = options.namespace
    data = {"typha_service_name": "none", "canal_iface": "", "masquerade": str(not options.no_ip_masq).lower(),
            "veth_mtu": options.veth_mtu, "cni_network_config": CANAL_CNI_CONF, "net-conf.json": net_conf(options)}
    update = {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": 1}}
    return [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("canal", namespace)},
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta("canal-config", namespace), "data": data},
        daemon_set("canal", namespace, {"k8s-app": "canal"}, {"k8s-app": "canal"}, canal_pod_spec(options), updateStrategy=update),
    ]


def objects(options):
    return canal_objects(options) if options.canal else flannel_objects(options)
