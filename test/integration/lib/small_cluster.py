"""The objects of a small cluster on flannel with Calico held back, for a SmallApi. No pods: none matters before nodes move."""
import sys

from . import calico_check, paths

sys.path.insert(0, paths.SCRIPTS)
from objects import flannel, nodes  # noqa: E402
from objects.options import flannel_parser  # noqa: E402

MIGRATION = "to-calico"
HELD_BACK = {"kubernetes.io/os": "linux", "projectcalico.org/node-network-during-migration": "calico"}


def flannel_node(name, index, options):
    node = nodes.flannel_node(name, index, options)
    node["status"]["conditions"] = [{"type": "Ready", "status": "True"}]
    return node


def calico_objects():
    labels = {"k8s-app": "calico-node"}
    pod = {"hostNetwork": True, "nodeSelector": HELD_BACK,
           "containers": [{"name": "calico-node", "image": "quay.io/calico/node:v3.32.1"}]}
    config = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": flannel.meta("calico-config", "kube-system"),
              "data": {"veth_mtu": "0"}}
    return [config, flannel.daemon_set("calico-node", "kube-system", labels, labels, pod)]


def rolled_out(thing, count):
    if thing["kind"] == "DaemonSet":
        thing["status"] = {"desiredNumberScheduled": count, "numberReady": count, "observedGeneration": 1}
    return thing


def options_for(count):
    return flannel_parser("").parse_args(
        ["-", "--nodes", str(count), "--namespace", "kube-flannel", "--network", "10.244.0.0/16"])


def small_cluster(count):
    """As test/cluster's make-flannel and install-calico would make it."""
    options = options_for(count)
    wanted = [thing for thing in flannel.objects(options) if thing["kind"] in ("ConfigMap", "DaemonSet")]
    return [flannel_node(name, index, options) for index, name in enumerate(nodes.node_names(options))] + \
        [rolled_out(thing, count) for thing in wanted] + [rolled_out(thing, 0) for thing in calico_objects()]


def calico_thing(kind, name, **spec):
    return {"apiVersion": "crd.projectcalico.org/v1", "kind": kind, "metadata": {"name": name}, "spec": spec}


def calico_data(node):
    """What a migration has prepared for this node, shortened to its first block."""
    name, cidr = node["metadata"]["name"], str(calico_check.blocks_of(node["spec"]["podCIDR"], 26)[0])
    handle = calico_check.tunnel_handle(name, 4)
    return [
        calico_thing("IPAMBlock", calico_check.cidr_name(cidr), cidr=cidr, affinity=f"host:{name}", allocations=[0] + [None] * 63,
                     unallocated=list(range(1, 64)), attributes=[calico_check.owner_attributes(name, 4)], sequenceNumber=1,
                     sequenceNumberForAllocation={"0": 0}, deleted=False, strictAffinity=False),
        calico_thing("BlockAffinity", calico_check.affinity_name(name, cidr), cidr=cidr, node=name, state="confirmed",
                     type="host", deleted="false"),
        calico_thing("IPAMHandle", handle, handleID=handle, block={cidr: 1}, deleted=False),
    ]


def extra_node(count):
    """The next one, where there are so many."""
    return flannel_node("late", count, options_for(count + 1))


def migration(name=MIGRATION, **spec):
    """One that only plans, if `spec` says nothing else."""
    return {"apiVersion": "cni-migration.io/v1alpha1", "kind": "FlannelMigration", "metadata": {"name": name},
            "spec": {"mode": "Plan"} | spec}
