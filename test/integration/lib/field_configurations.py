"""Configurations as people run them, each rebuilt as objects of its form, and the right answer to it. Nothing is copied from
the sources that are named: they show what there is.

A row changes a healthy cluster (field_steps).
"""
import json

from .field_steps import (CALICO, CLOUD_SET, CONFIG, EDGE, FLANNEL, OWN_SET, add_sidecar, annotate, beside_flannel,
                          bird_probe, calico_config, calico_env, calico_object, config_map, edit, ends, felix_of_node,
                          flannel_config, flannel_container, flannel_pods_require, flannel_volume, host_local,
                          instead_of_flannel, label_flannel, named, node, of_another_program, owned_by_installation, pod_of,
                          require, set_label, without_mounts_of)


def row(section, name, source, shows, *steps, blocks=None, skipped=0, told=None, spec=None, detected=None, mends=False):
    """`blocks`: finding and words of what was observed; no other finding may block. `told`: the same of those that do not.
    `detected`: settings as they are shown. `mends`: kubectl carries out each fix, and no finding is left."""
    return {"section": section, "name": name, "source": source, "shows": shows, "steps": steps, "blocks": blocks or {},
            "skipped": skipped, "told": told or {}, "spec": (spec or {}).get("spec", {}), "detected": detected or {},
            "mends": mends}


def flannel_spec(named=False, **values):
    own = OWN_SET["spec"]["flannel"] if named else {}
    return {"spec": {"flannel": own | values}}


DIGEST = "registry.example.com/net@sha256:" + "01" * 32
SCRIPT = {"image": "registry.example.com/net:1", "command": ["/start.sh"], "args": None}
GIVEN = {"network": "10.244.0.0/16", "vni": 1, "port": 8472}
MASQ = {"name": "FLANNELD_IP_MASQ", "valueFrom": {"configMapKeyRef": {"name": "kube-flannel-cfg", "key": "masquerade"}}}


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
    # --- 4. Windows ---
    row(4, "Windows nodes on flannel", "kubernetes-sigs/sig-windows-tools (hostprocess/flannel)",
        "they stay on flannel, and are counted, told of and recorded",
        node("win-1", cidr="10.244.250.0/24", annotations=ends("00:15:5d:00:00:01", "172.18.9.9"),
             labels={"kubernetes.io/os": "windows"}, os="windows"),
        skipped=1, told={"NodeOperatingSystem": "win-1 (windows)", "NodesLeftAlone": "win-1 (runs windows"}),
    # --- 5. Calico that is not as the migration needs it ---
    row(5, "BGP", "projectcalico/calico (manifests/calico.yaml)", "calico_backend bird, and a probe that waits for BIRD",
        calico_config("calico_backend", "bird"), edit(CALICO, bird_probe),
        blocks={"CalicoBackend": "calico_backend is bird in ConfigMap kube-system/calico-config", "CalicoProbes": "-bird-ready"}),
    row(5, "no backend", "projectcalico/calico (policy only)", "calico_backend none", calico_config("calico_backend", "none"),
        blocks={"CalicoBackend": "calico_backend is none"}, mends=True),
    row(5, "BIRD by k0s", "k0sproject/k0s#2208", "the backend in the environment",
        calico_env("CALICO_NETWORKING_BACKEND", "bird"),
        blocks={"CalicoBackend": "CALICO_NETWORKING_BACKEND is bird in DaemonSet kube-system/calico-node"}, mends=True),
    row(5, "IPAM host-local", "gardener/gardener-extension-networking-calico, projectcalico/calico#2887", "no blocks at all",
        edit(CONFIG, host_local), blocks={"CalicoIPAM": "ipam.type is host-local"}),
    row(5, "k0s' VNI and port", "k0sproject/k0s (calico mode vxlan)", "the environment beats what is written",
        calico_env("FELIX_VXLANVNI", "4096"), calico_env("FELIX_VXLANPORT", "4789"),
        blocks={"CalicoEnvironment": "FELIX_VXLANVNI is 4096 in DaemonSet kube-system/calico-node"}, mends=True),
    row(5, "VXLAN switched off", "a calico-node for policy alone", "in the environment",
        calico_env("FELIX_VXLANENABLED", "false"),
        blocks={"CalicoEnvironment": "FELIX_VXLANENABLED is false"}),
    row(5, "a node of its own mind", "projectcalico/calico (FelixConfiguration node.NAME)", "one node's settings beat all nodes'",
        felix_of_node("node-0002", vxlanVNI=4096),
        blocks={"FelixOfNode": "node.node-0002 says vxlanVNI 4096 (wanted 1)"}, mends=True),
    row(5, "tigera-operator", "tigera/operator", "what is patched is undone within seconds", edit(CALICO, owned_by_installation),
        blocks={"CalicoOwner": "kube-system/calico-node belongs to Installation default"}),
    # --- 6. recognition ---
    row(6, "by digest, without a command", "OKE (kube-flannel-ds of the managed cluster)", "known by its options",
        flannel_container(image=DIGEST, command=None), told={"FlannelVersion": "names no version"},
        detected={"ipMasq": "true"}),
    row(6, "behind a script", "skiplee85/k8s (master/flannel/start.sh)", "known by what it mounts; its options are not",
        flannel_container(**SCRIPT), blocks={"FlannelOptions": "--ip-masq may be in what /start.sh runs"}),
    row(6, "behind a program of one's own, with what it hides given", "deckhouse/deckhouse (cni-flannel)",
        "nothing is left to ask",
        flannel_container(**SCRIPT), spec=flannel_spec(ipMasq=True), detected={"ipMasq": "true"}),
    row(6, "nothing of flannel's to see, but named", "a vendor's image", "what the user names is taken",
        flannel_container(**SCRIPT), without_mounts_of("run"), spec=flannel_spec(named=True, ipMasq=True),
        told={"FlannelRecognised": "its containers do not show flanneld"}),
    row(6, "an exporter, a waiting DaemonSet and a sidecar",
        "zalando-incubator/kubernetes-on-aws (flannel-awaiter), giantswarm/flannel-network-health",
        "flannel in the name of an image, or of a command's argument",
        beside_flannel(of_another_program("exporter", "example.com/flannel-exporter:v1.0.0")),
        beside_flannel(of_another_program("awaiter", "busybox:1.36",
                                          command=["sh", "-c", "until pgrep flanneld; do sleep 1; done"])),
        edit(FLANNEL, add_sidecar), detected={"ipMasq": "true"}),
    row(6, "a ConfigMap of another name beside a kubeconfig", "flannel-io/flannel (Documentation/configuration.md)",
        "the one that has the key", config_map("flannel-kubeconfig", kubeconfig="x"),
        config_map("net-settings", **{"net-conf__json": "__net_conf"}),
        flannel_volume(projected={"sources": [{"configMap": {"name": "flannel-kubeconfig"}},
                                              {"configMap": {"name": "net-settings"}}]}),
        detected={"network": "10.244.0.0/16"}),
    row(6, "the configuration in a Secret", "an installation of one's own", "no Secret is read; the place is named",
        flannel_volume(secret={"secretName": "net-settings"}),
        blocks={"FlannelConfiguration": "net-conf.json is in Secret net-settings, which is not read"}),
    row(6, "the configuration in a Secret, and every value given", "an installation of one's own", "none of it blocks",
        flannel_volume(secret={"secretName": "net-settings"}), spec=flannel_spec(**GIVEN),
        told={"FlannelConfiguration": "Secret net-settings"}),
    row(6, "masquerading from a ConfigMap", "projectcalico/calico (canal.yaml)", "the value that the pod runs with",
        flannel_config("masquerade", "true"), flannel_container(args=["--kube-subnet-mgr"], env=[MASQ]),
        detected={"ipMasq": "true"}),
    row(6, "options from a whole Secret", "a chart with extraEnvFrom", "not called a default",
        flannel_container(args=["--kube-subnet-mgr"], envFrom=[{"secretRef": {"name": "net-options", "optional": True}}]),
        blocks={"FlannelOptions": "FLANNELD_IP_MASQ may be in Secret net-options"}),
    row(6, "etcd by default", "flannel-io/flannel (Documentation/running.md)", "no --kube-subnet-mgr, and no endpoints named",
        flannel_container(args=["--ip-masq"]), blocks={"FlannelStore": "etcd"}),
    # --- 7. fixes that mend ---
    row(7, "a pool for some nodes and some pods", "projectcalico/calico (IPPool)", "every field that differs is in the patch",
        calico_object("IPPool", "mine", cidr="10.244.0.0/16", blockSize=26, ipipMode="Always", vxlanMode="Never",
                      nodeSelector="zone == 'a'", allowedUses=["Tunnel"], assignmentMode="Manual"),
        blocks={"IPPoolCompatible": "spec.assignmentMode is Manual"}, mends=True),
    row(7, "eBPF", "projectcalico/calico (bpfEnabled)", "judged and said",
        calico_object("FelixConfiguration", "default", bpfEnabled=True),
        blocks={"CalicoDataPlane": "bpfEnabled is true"}, mends=True),
    row(7, "WireGuard", "projectcalico/calico (wireguardEnabled)", "judged and said",
        calico_object("FelixConfiguration", "default", wireguardEnabled=True),
        blocks={"CalicoDataPlane": "wireguardEnabled is true"}, mends=True),
    row(7, "kops", "kubernetes/kops (addons)", "an owner that puts flannel back",
        label_flannel(**{"addon_kops_k8s_io__name": "networking.flannel", "app_kubernetes_io__managed-by": "kops"}),
        told={"FlannelOwner": "kops addon networking.flannel"}),
    row(7, "Deckhouse", "deckhouse/deckhouse (cni-flannel)", "an owner that puts flannel back",
        label_flannel(heritage="deckhouse", module="cni-flannel"), told={"FlannelOwner": "Deckhouse module cni-flannel"}),
    row(7, "whoever", "any tool", "an owner that is not known", label_flannel(**{"app_kubernetes_io__managed-by": "somebody"}),
        told={"FlannelOwner": "managed by somebody"}),
    row(7, "a plugin that Calico's CNI configuration lacks", "containernetworking/plugins (tuning)", "told, and no more",
        flannel_config("cni-conf.json", json.dumps({"name": "cbr0", "plugins": [{"type": "flannel"}, {"type": "tuning"}]})),
        told={"CNIPlugins": "runs tuning"}),
]
