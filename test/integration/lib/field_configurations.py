"""Configurations as people run them, each rebuilt as objects of its form, and the right answer to it. Nothing is copied from
the sources that are named: they show what there is.

A row changes a healthy cluster of three nodes with flannel's own manifest and Calico's flannel-migration manifest.
"""
import copy
import json

from .api import ApiError

PREFIX = "flannel.alpha.coreos.com/"
FLANNEL = ("daemonsets", "kube-flannel-ds", "kube-flannel")
CALICO = ("daemonsets", "calico-node", "kube-system")
CONFIG = ("configmaps", "calico-config", "kube-system")
EDGE = "node-role.kubernetes.io/edge"
CLOUD_SET = {"spec": {"flannel": {"daemonSet": {"namespace": "kube-flannel", "name": "kube-flannel-cloud-ds"}}}}
OWN_SET = {"spec": {"flannel": {"daemonSet": {"namespace": "kube-flannel", "name": "kube-flannel-ds"}}}}


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


def beside_flannel(maker):
    return lambda c: c.api.create("daemonsets", maker(c))


def named(name, **how):
    return lambda c: flannel_set(c, name, **how)


def node(name, *, cidr=None, annotations=None, labels=None):
    """One that no kubelet ever tells of, as a device's dummy and as a node is before its first word."""
    thing = {"apiVersion": "v1", "kind": "Node",
             "metadata": {"name": name, "labels": labels or {}, "annotations": {"fm-test/no-kubelet": ""} | (annotations or {})},
             "spec": {"podCIDR": cidr, "podCIDRs": [cidr]} if cidr else {}}
    return lambda c: c.api.create("nodes", thing)


def ends(mac, address):
    return {PREFIX + "kube-subnet-manager": "true", PREFIX + "backend-type": "vxlan", PREFIX + "public-ip": address,
            PREFIX + "backend-data": json.dumps({"VtepMAC": mac})}


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


def host_local(thing):
    thing["data"]["cni_network_config"] = thing["data"]["cni_network_config"].replace("calico-ipam", "host-local")


def felix_of_node(name, **spec):
    thing = {"apiVersion": "crd.projectcalico.org/v1", "kind": "FelixConfiguration",
             "metadata": {"name": f"node.{name}"}, "spec": spec}
    return lambda c: c.api.create("felixconfigurations", thing)


def owned_by_installation(thing):
    thing["metadata"]["ownerReferences"] = [{"apiVersion": "operator.tigera.io/v1", "kind": "Installation", "name": "default",
                                             "uid": "0c5ff8ac-0000-4000-8000-000000000000", "controller": True}]


def row(section, name, source, shows, *steps, blocks=None, skipped=0, told=None, spec=None):
    """`blocks`: finding and words of what was observed; no other finding may block. `told`: the same of those that do not."""
    return {"section": section, "name": name, "source": source, "shows": shows, "steps": steps, "blocks": blocks or {},
            "skipped": skipped, "told": told or {}, "spec": (spec or {}).get("spec", {})}


CLOUD = require([(EDGE, "DoesNotExist"), ("kubernetes.io/os", "In", "linux")])
AT_EDGE = require([(EDGE, "Exists")])
VIRTUAL = ("type", "NotIn", "virtual-kubelet")
LINUX = ("kubernetes.io/os", "In", "linux")

ROWS = [
    # --- 1. more than one flannel ---
    row(1, "cloud and edge", "kubeedge/kubeedge", "two DaemonSets, one ConfigMap, nodes of their own",
        set_label(EDGE, "node-0003", value=""),
        instead_of_flannel(named("kube-flannel-cloud-ds", affinity=CLOUD), named("kube-flannel-edge-ds", affinity=AT_EDGE))),
    row(1, "cloud and edge, one of them named", "kubeedge/kubeedge", "naming one names the installation",
        set_label(EDGE, "node-0003", value=""),
        instead_of_flannel(named("kube-flannel-cloud-ds", affinity=CLOUD), named("kube-flannel-edge-ds", affinity=AT_EDGE)),
        spec=CLOUD_SET),
    row(1, "physical, virtual and cloud", "m-lab/k8s-support (k8s/daemonsets/core/flannel-*.jsonnet)",
        "DaemonSets split by nodeSelector; nothing asks for a label that nobody set yet",
        set_label("mlab/type", "node-0001", "node-0002", value="physical"), set_label("mlab/type", "node-0003", value="virtual"),
        instead_of_flannel(named("flannel-physical", selector={"mlab/type": "physical"}),
                           named("flannel-virtual", selector={"mlab/type": "virtual"}))),
    row(1, "an old flannel in kube-system", "flannel-io/flannel#1615", "every node runs both; none is named",
        beside_flannel(named("kube-flannel", namespace="kube-system")),
        blocks={"FlannelSingle": "kube-system/kube-flannel on 3 nodes that Calico is to have: node-0001, node-0002, node-0003"}),
    row(1, "Talos' own flannel beside a second one, which is named", "flannel-io/flannel#2124",
        "naming one does not take the other one off the nodes",
        beside_flannel(named("kube-flannel", namespace="kube-system")), spec=OWN_SET,
        blocks={"FlannelSingle": "kube-system/kube-flannel on 3 nodes"}),
    row(1, "an old DaemonSet that wants no node", "hitachienergy/epiphany#712 (the old name kept)",
        "it is in nobody's way, and named by nobody",
        beside_flannel(named("kube-flannel-ds-amd64", namespace="kube-system", selector={"beta.kubernetes.io/arch": "none"}))),
    row(1, "the old name beside the new one, of one ConfigMap", "hitachienergy/epiphany#712", "one installation, twice on a node",
        beside_flannel(named("kube-flannel-ds-amd64"))),
    # --- 2. nodes that are not flannel's ---
    row(2, "virtual kubelet", "allanhung/kubernetes_collection (virtual-kubelet-alicloud)",
        "flannel's affinity keeps it off; it has neither pod CIDR nor annotations",
        flannel_pods_require([LINUX, VIRTUAL]),
        node("virtual-node-eci-0", labels={"kubernetes.io/os": "linux", "type": "virtual-kubelet"}),
        skipped=1, told={"NodesLeftAlone": "virtual-node-eci-0 (flannel's DaemonSet does not want it)"}),
    row(2, "edge nodes without flannel", "kubeedge/kubeedge", "the same by a label that is there",
        flannel_pods_require([LINUX, (EDGE, "DoesNotExist")]),
        node("edge-1", labels={"kubernetes.io/os": "linux", EDGE: ""}),
        node("edge-2", labels={"kubernetes.io/os": "linux", EDGE: ""}),
        skipped=2, told={"NodesLeftAlone": "edge-1 (flannel's DaemonSet does not want it), edge-2"}),
    row(2, "BIG-IP", "F5Networks/f5-ci-docs", "a dummy with annotations and never a kubelet",
        node("bigip1", cidr="10.244.255.0/24", annotations=ends("00:50:56:bb:70:8b", "172.18.9.1")),
        skipped=1, told={"NodesLeftAlone": "bigip1 (no kubelet; its tunnel end point is told to Calico)"}),
    row(2, "a device's dummy, and a flannel without an affinity", "yandy-r/k8s-f5-ingress-samples",
        "flannel's pod waits on the dummy for ever",
        edit(FLANNEL, lambda thing: pod_of(thing).pop("affinity")),
        node("f5-node", cidr="10.244.254.0/24", annotations=ends("00:50:56:bb:70:8c", "172.18.9.2")),
        skipped=1, told={"NodesLeftAlone": "f5-node (no kubelet"}),
    row(2, "a node without a pod CIDR, left out by the selector", "virtual-kubelet/virtual-kubelet",
        "rollout.nodeSelector helps where nothing else does",
        set_label("pool", "node-0001", "node-0002", "node-0003", value="flannel"),
        node("virtual", labels={"kubernetes.io/os": "linux"}), spec={"spec": {"rollout": {"nodeSelector": {"pool": "flannel"}}}},
        skipped=1, told={"NodesLeftAlone": "virtual (no pod CIDR, and not selected by rollout.nodeSelector)"}),
    row(2, "a selector that no node satisfies", "a slip", "nothing could ever move",
        spec={"spec": {"rollout": {"nodeSelector": {"pool": "fannel"}}}},
        skipped=3, blocks={"NodeSelector": "no node carries the labels of spec.rollout.nodeSelector"}),
    # --- 3. nodes among each other ---
    row(3, "every machine is 10.0.2.15", "coreos/bugs#2223, flannel-io/flannel#98", "the same public-ip on two nodes",
        annotate("node-0001", public_ip="10.0.2.15"), annotate("node-0002", public_ip="10.0.2.15"),
        blocks={"NodePublicIP": "node-0001 and node-0002 (10.0.2.15)"}),
    row(3, "a cloned machine", "flannel-io/flannel#1788 (annotations and devices that differ)", "the same VTEP MAC on two nodes",
        annotate("node-0003", backend_data='{"VNI":1,"VtepMAC":"56:1d:00:00:00:00"}'),
        blocks={"NodeVtepMAC": "node-0001 and node-0003 (56:1d:00:00:00:00)"}),
    row(3, "a pod CIDR given twice", "Nodes written by hand, as F5's documentation has them", "the same pod CIDR",
        node("twin", cidr="10.244.1.0/24", annotations=ends("00:50:56:00:00:01", "172.18.9.3")),
        skipped=1, blocks={"NodePodCIDROverlap": "node-0002 and twin (10.244.1.0/24, 10.244.1.0/24)"}),
    row(3, "pod CIDRs of two sizes", "a controller-manager whose --node-cidr-mask-size changed", "one in another",
        node("wide", cidr="10.244.0.0/22", annotations=ends("00:50:56:00:00:02", "172.18.9.4")),
        skipped=1, blocks={"NodePodCIDROverlap": "wide and node-0001 (10.244.0.0/22, 10.244.0.0/24)"}),
    # --- 5. Calico that is not as the migration needs it ---
    row(5, "BGP", "projectcalico/calico (manifests/calico.yaml)", "calico_backend bird, and a probe that waits for BIRD",
        calico_config("calico_backend", "bird"), edit(CALICO, bird_probe),
        blocks={"CalicoBackend": "calico_backend is bird in ConfigMap kube-system/calico-config", "CalicoProbes": "-bird-ready"}),
    row(5, "no backend", "projectcalico/calico (policy only)", "calico_backend none", calico_config("calico_backend", "none"),
        blocks={"CalicoBackend": "calico_backend is none"}),
    row(5, "BIRD by k0s", "k0sproject/k0s#2208", "the backend in the environment",
        calico_env("CALICO_NETWORKING_BACKEND", "bird"),
        blocks={"CalicoBackend": "CALICO_NETWORKING_BACKEND is bird in DaemonSet kube-system/calico-node"}),
    row(5, "IPAM host-local", "gardener/gardener-extension-networking-calico, projectcalico/calico#2887", "no blocks at all",
        edit(CONFIG, host_local), blocks={"CalicoIPAM": "ipam.type is host-local"}),
    row(5, "k0s' VNI and port", "k0sproject/k0s (calico mode vxlan)", "the environment beats what is written",
        calico_env("FELIX_VXLANVNI", "4096"), calico_env("FELIX_VXLANPORT", "4789"),
        blocks={"CalicoEnvironment": "FELIX_VXLANVNI is 4096 in DaemonSet kube-system/calico-node"}),
    row(5, "VXLAN switched off", "a calico-node for policy alone", "in the environment",
        calico_env("FELIX_VXLANENABLED", "false"),
        blocks={"CalicoEnvironment": "FELIX_VXLANENABLED is false"}),
    row(5, "a node of its own mind", "projectcalico/calico (FelixConfiguration node.NAME)", "one node's settings beat all nodes'",
        felix_of_node("node-0002", vxlanVNI=4096), blocks={"FelixOfNode": "node.node-0002 says vxlanVNI 4096 (wanted 1)"}),
    row(5, "tigera-operator", "tigera/operator", "what is patched is undone within seconds", edit(CALICO, owned_by_installation),
        blocks={"CalicoOwner": "kube-system/calico-node belongs to Installation default"}),
]
