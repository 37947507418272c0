"""Configurations as people run them, each rebuilt as objects of its form, and the right answer to it. Nothing is copied from
the sources that are named: they show what there is.

A row changes a healthy cluster (field_steps).
"""
import json

from .field_steps import (CALICO, CALICO_STATE, CLOUD_SET, CONFIG, EDGE, FLANNEL, OWN_SET, add_sidecar, annotate, beside_flannel,
                          bird_probe, calico_config, calico_env, calico_object, config_map, edit, ends, felix_of_node,
                          flannel_config, flannel_container, flannel_of_windows, flannel_pods_require, flannel_volume, host_local,
                          instead_of_flannel, label_flannel, named, node, of_another_program, owned_by_installation, pod_of,
                          require, set_label, windows_node, without_mounts_of,
                          without_our_definition, without_selector)


def row(section, name, source, shows, *steps, blocks=None, skipped=0, told=None, spec=None, detected=None, mends=False,
        phase=None, own=False):
    """`source`: a repository with a file, or its issue, that was looked at; or REBUILT. `blocks`: finding and words of what was
    observed; no other finding may block. `told`: the same of those that do not. `detected`: settings as they are shown.
    `mends`: kubectl carries out each fix, and no finding is left. `own`: of nobody's list, found in looking for more."""
    return {"section": section, "name": name, "source": source, "shows": shows, "steps": steps, "blocks": blocks or {},
            "skipped": skipped, "told": told or {}, "spec": (spec or {}).get("spec", {}), "detected": detected or {},
            "mends": mends, "phase": phase or ("Blocked" if blocks else "Planned"), "own": own}


def flannel_spec(named=False, **values):
    own = OWN_SET["spec"]["flannel"] if named else {}
    return {"spec": {"flannel": own | values}}


# From what is told of such clusters; no file of one was read.
REBUILT = "reconstructed"
EDGE_SETS = "reconstructed from guides to kubeedge/kubeedge"
BIG_IP = "yandy-r/k8s-f5-ingress-samples cluster-mode/f5-k8s-node/00-f5-node.yaml"
MIXED = "flannel-io/flannel Documentation/kube-flannel-mixed-win.yml"
SIG_WINDOWS = "kubernetes-sigs/sig-windows-tools hostprocess/flannel/flanneld/flannel-overlay.yml"
K0S = "k0sproject/k0s static/manifests/calico/DaemonSet/calico-node.yaml"
DIGEST = "registry.example.com/net@sha256:" + "01" * 32
SCRIPT = {"image": "registry.example.com/net:1", "command": ["/start.sh"], "args": None}
BOTH = {"Type": "vxlan", "VNI": 4096, "Port": 4789}
GIVEN = {"network": "10.244.0.0/16", "vni": 1, "port": 8472}
MASQ = {"name": "FLANNELD_IP_MASQ", "valueFrom": {"configMapKeyRef": {"name": "kube-flannel-cfg", "key": "masquerade"}}}


CLOUD = require([(EDGE, "DoesNotExist"), ("kubernetes.io/os", "In", "linux")])
AT_EDGE = require([(EDGE, "Exists")])
VIRTUAL = ("type", "NotIn", "virtual-kubelet")
LINUX = ("kubernetes.io/os", "In", "linux")

ROWS = [
    # --- 1. more than one flannel ---
    row(1, "cloud and edge", EDGE_SETS, "two DaemonSets, one ConfigMap, nodes of their own",
        set_label(EDGE, "node-0003", value=""),
        instead_of_flannel(named("kube-flannel-cloud-ds", affinity=CLOUD), named("kube-flannel-edge-ds", affinity=AT_EDGE))),
    row(1, "cloud and edge, one of them named", EDGE_SETS, "naming one names the installation",
        set_label(EDGE, "node-0003", value=""),
        instead_of_flannel(named("kube-flannel-cloud-ds", affinity=CLOUD), named("kube-flannel-edge-ds", affinity=AT_EDGE)),
        spec=CLOUD_SET),
    row(1, "physical, virtual and cloud", "m-lab/k8s-support k8s/daemonsets/core/flannel-virtual.jsonnet",
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
    row(1, "an old DaemonSet that wants no node", "hitachienergy/epiphany#712",
        "it is in nobody's way, and named by nobody",
        beside_flannel(named("kube-flannel-ds-amd64", namespace="kube-system", selector={"beta.kubernetes.io/arch": "none"})),
        own=True),
    row(1, "the old name beside the new one, of one ConfigMap", "hitachienergy/epiphany#712", "one installation, twice on a node",
        beside_flannel(named("kube-flannel-ds-amd64")), own=True),
    row(1, "the same, the old one for one architecture", "flannel-io/flannel#1390", "an upgrade that left v0.12 where v0.13 came",
        set_label("beta.kubernetes.io/arch", "node-0001", "node-0002", value="amd64"),
        beside_flannel(named("kube-flannel-ds-amd64", selector={"beta.kubernetes.io/arch": "amd64"})), own=True),
    row(1, "one for each architecture", MIXED, "one installation, each node runs one of them",
        set_label("beta.kubernetes.io/arch", "node-0001", "node-0002", value="amd64"),
        set_label("beta.kubernetes.io/arch", "node-0003", value="arm64"),
        instead_of_flannel(named("kube-flannel-ds-amd64", selector={"beta.kubernetes.io/arch": "amd64"}),
                           named("kube-flannel-ds-arm64", selector={"beta.kubernetes.io/arch": "arm64"})), own=True),
    row(1, "kops' flannel of another namespace, left by an upgrade", "kubernetes/kops#15204", "the fix takes the old one away",
        beside_flannel(named("kube-flannel-ds", namespace="kube-system")),
        blocks={"FlannelSingle": "kube-system/kube-flannel-ds on 3 nodes"}, mends=True, own=True),
    # --- 2. nodes that are not flannel's ---
    row(2, "virtual kubelet", "allanhung/kubernetes_collection virtual-kubelet-alicloud/README.md",
        "flannel's affinity keeps it off; it has neither pod CIDR nor annotations",
        flannel_pods_require([LINUX, VIRTUAL]),
        node("virtual-node-eci-0", labels={"kubernetes.io/os": "linux", "type": "virtual-kubelet"}),
        skipped=1, told={"NodesLeftAlone": "virtual-node-eci-0 (flannel's DaemonSet does not want it)"}, own=True),
    row(2, "edge nodes without flannel", REBUILT, "the same by a label that is there",
        flannel_pods_require([LINUX, (EDGE, "DoesNotExist")]),
        node("edge-1", labels={"kubernetes.io/os": "linux", EDGE: ""}),
        node("edge-2", labels={"kubernetes.io/os": "linux", EDGE: ""}),
        skipped=2, told={"NodesLeftAlone": "edge-1 (flannel's DaemonSet does not want it), edge-2"}),
    row(2, "BIG-IP", "F5Networks/f5-ci-docs docs/kubernetes/config_examples/f5-kctlr-bigip-node.yaml",
        "a dummy with annotations and never a kubelet",
        node("bigip1", cidr="10.244.255.0/24", annotations=ends("00:50:56:bb:70:8b", "172.18.9.1")),
        skipped=1, told={"NodesLeftAlone": "bigip1 (no kubelet; its tunnel end point is told to Calico)"}),
    row(2, "a device's dummy, and a flannel without an affinity", BIG_IP,
        "flannel's pod waits on the dummy for ever",
        edit(FLANNEL, lambda thing: pod_of(thing).pop("affinity")),
        node("f5-node", cidr="10.244.254.0/24", annotations=ends("00:50:56:bb:70:8c", "172.18.9.2")),
        skipped=1, told={"NodesLeftAlone": "f5-node (no kubelet"}, own=True),
    row(2, "a node without a pod CIDR, left out by the selector", REBUILT,
        "rollout.nodeSelector helps where nothing else does",
        set_label("pool", "node-0001", "node-0002", "node-0003", value="flannel"),
        node("virtual", labels={"kubernetes.io/os": "linux"}), spec={"spec": {"rollout": {"nodeSelector": {"pool": "flannel"}}}},
        skipped=1, told={"NodesLeftAlone": "virtual (no pod CIDR, and not selected by rollout.nodeSelector)"}),
    row(2, "a selector that no node satisfies", REBUILT, "nothing could ever move",
        spec={"spec": {"rollout": {"nodeSelector": {"pool": "fannel"}}}},
        skipped=3, blocks={"NodeSelector": "no node carries the labels of spec.rollout.nodeSelector"}),
    # --- 3. nodes among each other ---
    row(3, "every machine is 10.0.2.15", "coreos/bugs#2223, flannel-io/flannel#535", "the same public-ip on two nodes",
        annotate("node-0001", public_ip="10.0.2.15"), annotate("node-0002", public_ip="10.0.2.15"),
        blocks={"NodePublicIP": "node-0001 and node-0002 (10.0.2.15)"}, own=True),
    row(3, "a cloned machine", REBUILT, "the same VTEP MAC on two nodes",
        annotate("node-0003", backend_data='{"VNI":1,"VtepMAC":"56:1d:00:00:00:00"}'),
        blocks={"NodeVtepMAC": "node-0001 and node-0003 (56:1d:00:00:00:00)"}),
    row(3, "a pod CIDR given twice", BIG_IP, "a Node written by hand, whose comment asks not to do that",
        node("twin", cidr="10.244.1.0/24", annotations=ends("00:50:56:00:00:01", "172.18.9.3")),
        skipped=1, blocks={"NodePodCIDROverlap": "node-0002 and twin (10.244.1.0/24, 10.244.1.0/24)"}, mends=True, own=True),
    row(3, "pod CIDRs of two sizes", REBUILT, "one in another",
        node("wide", cidr="10.244.0.0/22", annotations=ends("00:50:56:00:00:02", "172.18.9.4")),
        skipped=1, blocks={"NodePodCIDROverlap": "wide and node-0001 (10.244.0.0/22, 10.244.0.0/24)"}),
    row(3, "all of flannel's network given to a node", "flannel-io/flannel#1549",
        "pod CIDRs patched by hand to get flannel to start",
        node("test-vm5", cidr="10.244.0.0/16", annotations=ends("00:50:56:00:00:03", "172.18.9.5")),
        skipped=1, blocks={"NodePodCIDROverlap": "test-vm5 and node-0001 (10.244.0.0/16, 10.244.0.0/24)"}, own=True),
    # --- 4. Windows ---
    row(4, "Windows nodes and the DaemonSet of their flannel", SIG_WINDOWS, "another installation; they are counted and recorded",
        beside_flannel(flannel_of_windows), windows_node("win-1", "10.244.250.0/24", "172.18.9.9"),
        skipped=1, told={"NodeOperatingSystem": "win-1 (windows)",
                         "NodesLeftAlone": "win-1 (runs windows; its tunnel end point is told to Calico)"}),
    row(4, "a flannel for both, with the VNI and port that Windows has", MIXED, "all nodes are in one tunnel",
        flannel_config("net-conf.json", json.dumps({"Network": "10.244.0.0/16", "Backend": BOTH})),
        *(annotate(f"node-000{i}", backend_data=json.dumps({"VNI": 4096, "VtepMAC": f"56:1d:00:00:01:0{i}"})) for i in (1, 2, 3)),
        windows_node("win-1", "10.244.250.0/24", "172.18.9.9", vni=4096), detected={"vni": "4096", "port": "4789"},
        skipped=1, told={"NodeOperatingSystem": "win-1 (windows)"}, own=True),
    row(4, "Windows nodes without a tunnel", "microsoft/SDN Kubernetes/flannel/l2bridge/ReadMe.md", "they would be cut off",
        windows_node("win-1", "10.244.250.0/24", "172.18.9.9", backend_type="host-gw"),
        skipped=1, blocks={"NodeOperatingSystem": "win-1 (its backend is host-gw)"}, own=True),
    row(4, "Windows nodes without a tunnel, whom nobody has to reach", "microsoft/SDN Kubernetes/flannel/l2bridge/ReadMe.md",
        "spec.windows lifts the Block", windows_node("win-1", "10.244.250.0/24", "172.18.9.9", backend_type="host-gw"),
        spec={"spec": {"windows": "LeaveOnFlannel"}},
        skipped=1, told={"NodeOperatingSystem": "win-1 (its backend is host-gw)"}, own=True),
    row(4, "Windows' VNI, and flannel's own on Linux", SIG_WINDOWS, "two tunnels: nobody reaches anybody",
        windows_node("win-1", "10.244.250.0/24", "172.18.9.9", vni=4096),
        skipped=1, blocks={"NodeOperatingSystem": "win-1 (its VNI is 4096, and 1 elsewhere)"}),
    # --- 5. Calico that is not as the migration needs it ---
    row(5, "BGP", "projectcalico/calico#4333", "calico_backend bird, and a probe that waits for BIRD",
        calico_config("calico_backend", "bird"), edit(CALICO, bird_probe),
        blocks={"CalicoBackend": "calico_backend is bird in ConfigMap kube-system/calico-config", "CalicoProbes": "-bird-ready"},
        own=True),
    row(5, "VXLAN, and a probe that waits for BIRD", "kubernetes-sigs/kubespray#6372", "calico-node is never Ready",
        edit(CALICO, bird_probe), blocks={"CalicoProbes": "-bird-ready"}, own=True),
    row(5, "no backend", "projectcalico/calico#2547", "calico_backend none", calico_config("calico_backend", "none"),
        blocks={"CalicoBackend": "calico_backend is none"}, mends=True),
    row(5, "BIRD by k0s", K0S, "the backend in the environment",
        calico_env("CALICO_NETWORKING_BACKEND", "bird"),
        blocks={"CalicoBackend": "CALICO_NETWORKING_BACKEND is bird in DaemonSet kube-system/calico-node"}, mends=True),
    row(5, "IPAM host-local", "projectcalico/calico#4294", "no blocks at all",
        edit(CONFIG, host_local), blocks={"CalicoIPAM": "ipam.type is host-local"}, own=True),
    row(5, "k0s' VNI and port", K0S, "the environment beats what is written",
        calico_env("FELIX_VXLANVNI", "4096"), calico_env("FELIX_VXLANPORT", "4789"),
        blocks={"CalicoEnvironment": "FELIX_VXLANVNI is 4096 in DaemonSet kube-system/calico-node"}, mends=True),
    row(5, "VXLAN switched off", REBUILT, "in the environment",
        calico_env("FELIX_VXLANENABLED", "false"),
        blocks={"CalicoEnvironment": "FELIX_VXLANENABLED is false"}),
    row(5, "a node of its own mind", "projectcalico/calico calico/reference/felix/configuration.md",
        "one node's settings beat all nodes'",
        felix_of_node("node-0002", vxlanVNI=4096),
        blocks={"FelixOfNode": "node.node-0002 says vxlanVNI 4096 (wanted 1)"}, mends=True),
    row(5, "tigera-operator", REBUILT, "what is patched is undone within seconds", edit(CALICO, owned_by_installation),
        blocks={"CalicoOwner": "kube-system/calico-node belongs to Installation default"}),
    # --- 6. recognition ---
    row(6, "by digest, without a command", REBUILT, "known by its options",
        flannel_container(image=DIGEST, command=None), told={"FlannelVersion": "names no version"},
        detected={"ipMasq": "true"}),
    row(6, "behind a script", "skiplee85/k8s master/flannel/start.sh", "known by what it mounts; its options are not",
        flannel_container(**SCRIPT), blocks={"FlannelOptions": "--ip-masq may be in what /start.sh runs"},
        own=True),
    row(6, "behind a program of one's own, with what it hides given", "deckhouse/deckhouse#4663",
        "nothing is left to ask",
        flannel_container(**SCRIPT), spec=flannel_spec(ipMasq=True), detected={"ipMasq": "true"}),
    row(6, "nothing of flannel's to see, but named", REBUILT, "what the user names is taken",
        flannel_container(**SCRIPT), without_mounts_of("run"), spec=flannel_spec(named=True, ipMasq=True),
        told={"FlannelRecognised": "its containers do not show flanneld"}),
    row(6, "an exporter, a waiting DaemonSet and a sidecar",
        "zalando-incubator/kubernetes-on-aws cluster/manifests/flannel/daemonset.yaml, "
        "giantswarm/flannel-network-health Dockerfile",
        "flannel in the name of an image, or of a command's argument",
        beside_flannel(of_another_program("exporter", "example.com/flannel-exporter:v1.0.0")),
        beside_flannel(of_another_program("awaiter", "busybox:1.36",
                                          command=["sh", "-c", "until pgrep flanneld; do sleep 1; done"])),
        edit(FLANNEL, add_sidecar), detected={"ipMasq": "true"}, own=True),
    row(6, "a ConfigMap of another name beside a kubeconfig", "flannel-io/flannel Documentation/configuration.md",
        "the one that has the key", config_map("flannel-kubeconfig", kubeconfig="x"),
        config_map("net-settings", **{"net-conf__json": "__net_conf"}),
        flannel_volume(projected={"sources": [{"configMap": {"name": "flannel-kubeconfig"}},
                                              {"configMap": {"name": "net-settings"}}]}),
        detected={"network": "10.244.0.0/16"}),
    row(6, "the configuration in a Secret", REBUILT, "no Secret is read; the place is named",
        flannel_volume(secret={"secretName": "net-settings"}),
        blocks={"FlannelConfiguration": "net-conf.json is in Secret net-settings, which is not read"}),
    row(6, "the configuration in a Secret, and every value given", REBUILT, "none of it blocks",
        flannel_volume(secret={"secretName": "net-settings"}), spec=flannel_spec(**GIVEN),
        told={"FlannelConfiguration": "Secret net-settings"}),
    row(6, "masquerading from a ConfigMap", REBUILT, "the value that the pod runs with",
        flannel_config("masquerade", "true"), flannel_container(args=["--kube-subnet-mgr"], env=[MASQ]),
        detected={"ipMasq": "true"}),
    row(6, "options from a whole Secret", REBUILT, "not called a default",
        flannel_container(args=["--kube-subnet-mgr"], envFrom=[{"secretRef": {"name": "net-options", "optional": True}}]),
        blocks={"FlannelOptions": "FLANNELD_IP_MASQ may be in Secret net-options"}),
    row(6, "etcd by default", "flannel-io/flannel Documentation/running.md", "no --kube-subnet-mgr, and no endpoints named",
        flannel_container(args=["--ip-masq"]), blocks={"FlannelStore": "etcd"}),
    # --- 7. fixes that mend ---
    row(7, "a pool for some nodes and some pods", REBUILT, "every field that differs is in the patch",
        calico_object("IPPool", "mine", cidr="10.244.0.0/16", blockSize=26, ipipMode="Always", vxlanMode="Never",
                      nodeSelector="zone == 'a'", allowedUses=["Tunnel"], assignmentMode="Manual"),
        blocks={"IPPoolCompatible": "spec.assignmentMode is Manual"}, mends=True),
    row(7, "a pool of a part of the network", REBUILT, "nothing but its deletion helps",
        calico_object("IPPool", "mine", cidr="10.244.0.0/17", blockSize=26, vxlanMode="Always", natOutgoing=True),
        blocks={"IPPoolCompatible": "mine"}, mends=True),
    row(7, "calico-node on every node at once", "projectcalico/calico#4333",
        "calico.yaml in place of the manifest for migrations",
        edit(CALICO, without_selector), blocks={"CalicoNodeSelector": "no node selector"}, mends=True),
    row(7, "a migration that nobody ended", REBUILT, "Calico's data is locked",
        edit(CALICO_STATE, lambda thing: thing["spec"].update(datastoreReady=False)),
        blocks={"CalicoDatastore": "datastoreReady false"}, mends=True),
    row(7, "no definition of our own yet", REBUILT, "nothing of Calico's is missing", without_our_definition,
        told={"Definition": "flannelmigrations"}, phase="Blocked", mends=True),
    row(7, "eBPF", REBUILT, "judged and said",
        calico_object("FelixConfiguration", "default", bpfEnabled=True),
        blocks={"CalicoDataPlane": "bpfEnabled is true"}, mends=True),
    row(7, "WireGuard", REBUILT, "judged and said",
        calico_object("FelixConfiguration", "default", wireguardEnabled=True),
        blocks={"CalicoDataPlane": "wireguardEnabled is true"}, mends=True),
    row(7, "kops", "kubernetes/kops upup/models/cloudup/resources/addons/networking.flannel/k8s-1.25.yaml.template",
        "an owner that puts flannel back",
        label_flannel(**{"addon_kops_k8s_io__name": "networking.flannel", "app_kubernetes_io__managed-by": "kops"}),
        told={"FlannelOwner": "kops addon networking.flannel"}),
    row(7, "Deckhouse", "deckhouse/deckhouse modules/035-cni-flannel/templates/daemonset.yaml", "an owner that puts flannel back",
        label_flannel(heritage="deckhouse", module="cni-flannel"), told={"FlannelOwner": "Deckhouse module cni-flannel"}),
    row(7, "whoever", REBUILT, "an owner that is not known", label_flannel(**{"app_kubernetes_io__managed-by": "somebody"}),
        told={"FlannelOwner": "managed by somebody"}),
    row(7, "a plugin that Calico's CNI configuration lacks", REBUILT, "told, and no more",
        flannel_config("cni-conf.json", json.dumps({"name": "cbr0", "plugins": [{"type": "flannel"}, {"type": "tuning"}]})),
        told={"CNIPlugins": "runs tuning"}),
]
