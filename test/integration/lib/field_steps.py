"""What changes a healthy cluster of three nodes, with flannel's own manifest and Calico's flannel-migration manifest, into one
of the field's configurations: each a function of the cluster."""
import copy
import json
import re

from .api import ApiError

PREFIX = "flannel.alpha.coreos.com/"
FLANNEL = ("daemonsets", "kube-flannel-ds", "kube-flannel")
CALICO = ("daemonsets", "calico-node", "kube-system")
CALICO_STATE = ("clusterinformations", "default")
CONFIG = ("configmaps", "calico-config", "kube-system")
FLANNEL_CONFIG = ("configmaps", "kube-flannel-cfg", "kube-flannel")
# That a fix has, up to where it goes on in words.
COMMAND = re.compile(r"kubectl (?:[^';,)]|'[^']*')+")
RIGHTS = {"apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "other-names", "namespace": "kube-flannel"}}
ROW_LABEL = {"fm-test/row": ""}
EDGE = "node-role.kubernetes.io/edge"
CLOUD_SET = {"spec": {"flannel": {"daemonSet": {"namespace": "kube-flannel", "name": "kube-flannel-cloud-ds"}}}}
OWN_SET = {"spec": {"flannel": {"daemonSet": {"namespace": "kube-flannel", "name": "kube-flannel-ds"}}}}


def give_rights(c):
    """As the chart's values do for DaemonSets of other names."""
    c.api.create("roles", RIGHTS | {"kind": "Role", "rules": [
        {"apiGroups": ["apps"], "resources": ["daemonsets"], "verbs": ["patch", "delete"]},
        {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}]})
    c.api.create("rolebindings", RIGHTS | {
        "kind": "RoleBinding", "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "other-names"},
        "subjects": [{"kind": "ServiceAccount", "name": "flannel-migration-operator", "namespace": "flannel-migration"}]})


def fresh(thing, **metadata):
    """The same object as a user would apply it, with other metadata."""
    kept = {key: thing["metadata"][key] for key in ("name", "namespace", "labels", "annotations") if key in thing["metadata"]}
    made = {key: copy.deepcopy(value) for key, value in thing.items() if key != "status"}
    return made | {"metadata": kept | metadata}


def pod_of(thing):
    return thing["spec"]["template"]["spec"]


def require(*terms):
    """Of a pod: nodes that satisfy one of these lists of (key, operator, values)."""
    def expression(key, operator, *values):
        return {"key": key, "operator": operator} | ({"values": list(values)} if values else {})

    selector = {"nodeSelectorTerms": [{"matchExpressions": [expression(*one) for one in term]} for term in terms]}
    return {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": selector}}


def flannel_set(c, name, namespace="kube-flannel", affinity=None, selector=None, config_map=None):
    """flannel's DaemonSet under another name, and its pods under another label."""
    thing = fresh(c.get(*FLANNEL), name=name, namespace=namespace)
    labels = {"app": name}
    thing["spec"]["selector"] = {"matchLabels": labels}
    thing["spec"]["template"]["metadata"] = {"labels": labels}
    if affinity is not None:
        pod_of(thing)["affinity"] = affinity
    if selector is not None:
        pod_of(thing)["nodeSelector"] = selector
    for volume in pod_of(thing)["volumes"]:
        if config_map and "configMap" in volume:
            volume["configMap"]["name"] = config_map
    return thing


def set_label(key, *nodes, value="yes"):
    return lambda c: [c.patch("nodes", node, {"metadata": {"labels": {key: value}}}) for node in nodes] and None


def instead_of_flannel(*makers):
    def change(c):
        things = [maker(c) for maker in makers]
        c.delete(*FLANNEL)
        for thing in things:
            c.api.create("daemonsets", thing)
    return change


def flannel_of_windows(c):
    """Kept off Linux by its affinity, with flannel's own configuration and no folder of the node."""
    thing = flannel_set(c, "kube-flannel-ds-windows-amd64", affinity=require([("kubernetes.io/os", "In", "windows")]))
    pod_of(thing)["containers"] = [{"name": "kube-flannel", "image": "sigwindowstools/flannel:v0.21.5-hostprocess",
                                    "volumeMounts": [{"name": "flannel-cfg", "mountPath": "/etc/kube-flannel/"}]}]
    return thing


def beside_flannel(maker):
    return lambda c: c.api.create("daemonsets", maker(c))


def named(name, **how):
    return lambda c: flannel_set(c, name, **how)


def node(name, *, cidr=None, annotations=None, labels=None, os=None):
    """One that no kubelet ever tells of, as a device's dummy and as a node is before its first word; with `os` one did once."""
    thing = {"apiVersion": "v1", "kind": "Node",
             "metadata": {"name": name, "labels": labels or {}, "annotations": {"fm-test/no-kubelet": ""} | (annotations or {})},
             "spec": {"podCIDR": cidr, "podCIDRs": [cidr]} if cidr else {}}
    if os:
        thing["status"] = {"nodeInfo": {"operatingSystem": os, "kubeletVersion": "v1.34.0"}}
    return lambda c: c.api.create("nodes", thing)


def ends(mac, address, backend_type="vxlan", **data):
    return {PREFIX + "kube-subnet-manager": "true", PREFIX + "backend-type": backend_type, PREFIX + "public-ip": address,
            PREFIX + "backend-data": json.dumps({"VtepMAC": mac} | data)}


def windows_node(name, cidr, address, vni=1, backend_type="vxlan"):
    """On flannel's overlay for Windows, or, with another backend, on the wire."""
    return node(name, cidr=cidr, annotations=ends("00:15:5d:00:00:01", address, backend_type, VNI=vni),
                labels={"kubernetes.io/os": "windows"}, os="windows")


def annotate(name, **annotations):
    return lambda c: c.patch("nodes", name, {"metadata": {"annotations": {
        PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}}})


def edit(where, change):
    """In place, whatever else writes it."""
    def apply(c):
        while True:
            thing = c.get(*where)
            change(thing)
            try:
                return c.api.replace(where[0], thing)
            except ApiError as error:
                if error.status != 409:
                    raise
    return apply


def flannel_pods_require(*terms):
    return edit(FLANNEL, lambda thing: pod_of(thing).update(affinity=require(*terms)))


def calico_env(name, value):
    def change(thing):
        env = pod_of(thing)["containers"][0]["env"]
        env[:] = [one for one in env if one["name"] != name] + [{"name": name, "value": value}]
    return edit(CALICO, change)


def calico_config(key, value):
    return edit(CONFIG, lambda thing: thing["data"].update({key: value}))


def bird_probe(thing):
    pod_of(thing)["containers"][0]["readinessProbe"]["exec"]["command"].append("-bird-ready")


def without_our_definition(c):
    c.delete("customresourcedefinitions", "flannelmigrations.cni-migration.io")
    c.wait(lambda: c.try_kubectl("get", "flannelmigrations").returncode, 60, "FlannelMigrations are not served")


def without_selector(thing):
    pod_of(thing)["nodeSelector"] = {"kubernetes.io/os": "linux"}


def host_local(thing):
    thing["data"]["cni_network_config"] = thing["data"]["cni_network_config"].replace("calico-ipam", "host-local")


def felix_of_node(name, **spec):
    thing = {"apiVersion": "crd.projectcalico.org/v1", "kind": "FelixConfiguration",
             "metadata": {"name": f"node.{name}"}, "spec": spec}
    return lambda c: c.api.create("felixconfigurations", thing)


def owned_by_installation(thing):
    thing["metadata"]["ownerReferences"] = [{"apiVersion": "operator.tigera.io/v1", "kind": "Installation", "name": "default",
                                             "uid": "0c5ff8ac-0000-4000-8000-000000000000", "controller": True}]


def flannel_container(**changes):
    """Of flannel's own; what is None is taken away."""
    def change(thing):
        container = pod_of(thing)["containers"][0]
        container.update(changes)
        for key in [key for key, value in container.items() if value is None]:
            del container[key]
    return edit(FLANNEL, change)


def without_mounts_of(volume):
    def change(thing):
        mounts = pod_of(thing)["containers"][0]["volumeMounts"]
        mounts[:] = [one for one in mounts if one["name"] != volume]
    return edit(FLANNEL, change)


def flannel_volume(**source):
    """In place of the ConfigMap with flannel's configuration."""
    def change(thing):
        for volume in pod_of(thing)["volumes"]:
            if volume["name"] == "flannel-cfg":
                volume.pop("configMap")
                volume.update(source)
    return edit(FLANNEL, change)


def config_map(name, **data):
    """In flannel's namespace; "__net_conf" stands for flannel's configuration as it is."""
    def make(c):
        conf = c.get(*FLANNEL_CONFIG)["data"]["net-conf.json"]
        told = {key.replace("__", "."): conf if value == "__net_conf" else value for key, value in data.items()}
        c.api.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "data": told,
                                    "metadata": {"name": name, "namespace": "kube-flannel", "labels": ROW_LABEL}})
    return make


def flannel_config(key, value):
    return edit(FLANNEL_CONFIG, lambda thing: thing["data"].update({key: value}))


def of_another_program(name, image, **container):
    """A DaemonSet beside flannel's that has to do with it, and is none."""
    def make(c):
        thing = flannel_set(c, name, namespace="default")
        pod_of(thing)["containers"] = [{"name": name, "image": image} | container]
        return thing
    return make


def add_sidecar(thing):
    pod_of(thing)["containers"].insert(0, {"name": "annotator", "image": "example.com/flannel-annotator:v1.0.0"})


def calico_object(kind, name, **spec):
    thing = {"apiVersion": "crd.projectcalico.org/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}
    return lambda c: c.api.create(kind.lower() + "s", thing)


def label_flannel(**labels):
    told = {key.replace("__", "/").replace("_", "."): value for key, value in labels.items()}
    return edit(FLANNEL, lambda thing: thing["metadata"]["labels"].update(told))
