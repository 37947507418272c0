#!/usr/bin/env python3
"""Small pod CIDRs, in which every address counts: to Calico and back. flannel does not say of nodes that their network is
there."""
import ipaddress
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import Lab, calico_check, lab_story
from lib.lab import address_of, is_ready
from lib.lab_case import LabCase

FIRST, CROWDED = "n1", "n2"  # the node that moves alone, and one whose pods would not fit in twice
CROWD = 9
TAINT = "node.kubernetes.io/network-unavailable"


def pod_spec(node=None):
    """A pod that is Ready only if its node reaches it."""
    serve = {"name": "serve", "image": "busybox:1.36", "imagePullPolicy": "IfNotPresent",
             "command": ["httpd", "-f", "-p", "8080"], "readinessProbe": {"tcpSocket": {"port": 8080}, "periodSeconds": 1}}
    place = {"nodeSelector": {"kubernetes.io/hostname": node}} if node else {}
    return {"terminationGracePeriodSeconds": 0, "containers": [serve]} | place


def workload(kind, name, node=None, **spec):
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod_spec(node)}
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name},
            "spec": {"selector": {"matchLabels": labels}, "template": template} | spec}


def budget(name):
    return {"apiVersion": "policy/v1", "kind": "PodDisruptionBudget", "metadata": {"name": name},
            "spec": {"maxUnavailable": 2, "selector": {"matchLabels": {"app": name}}}}


class SmallCase(LabCase):
    """Nodes with few addresses; the operator is to be started."""

    PREFIX = BLOCK_SIZE = None
    FLANNEL = ()

    @classmethod
    def setUpClass(cls):
        cls.lab = cls.enterClassContext(Lab(calico=True, product=True, settings=("--pod-prefix", str(cls.PREFIX), *cls.FLANNEL)))
        cls.lab.apply(workload("DaemonSet", "peer"))
        cls.lab.wait_pods("app=peer", 3)

    @classmethod
    def start_operator(cls):
        cls.operator = cls.lab.operator(image="flannel-migration:0.1.0").wait_ready()

    def move_first(self, **spec):
        """The first node alone."""
        self.lab.apply_migration(target="Calico", calico={"blockSize": self.BLOCK_SIZE},
                                 rollout={"nodeSelector": {"kubernetes.io/hostname": FIRST}}, **spec)
        self.lab.wait_progress(1, 300)

    def blocks(self, node):
        return [one["spec"] for one in self.lab.list("ipamblocks") if one["spec"].get("affinity") == f"host:{node}"]

    def free_addresses(self, node):
        return sum(len(spec["unallocated"]) for spec in self.blocks(node))

    def holders(self, node):
        """The handle of every address that is held."""
        held = {}
        for spec in self.blocks(node):
            addresses = ipaddress.ip_network(spec["cidr"])
            held |= {str(addresses[ordinal]): spec["attributes"][owner]["handle_id"]
                     for ordinal, owner in enumerate(spec["allocations"]) if owner is not None}
        return held

    def has_bridge(self, node):
        return "cni0" in self.lab.enter(node, "ip", "-brief", "link")

    def unreached(self, node):
        """Addresses that Calico holds for pods which are not Ready, or gone."""
        ready = {address_of(pod) for pod in self.lab.pods_of_network(node) if is_ready(pod)}
        return {address for address, handle in self.holders(node).items() if handle.startswith("k8s-pod-network.")} - ready

    def fill(self, replicas):
        """So many pods on the node that moves alone."""
        self.lab.apply(workload("Deployment", "filler", FIRST, replicas=replicas))

    def empty(self):
        """None, and their addresses are given back."""
        self.fill(0)
        self.lab.wait(lambda: not self.lab.pods("app=filler"), 300, "no filler")
        self.lab.wait(lambda: not self.unreached(FIRST), 300, "the fillers' addresses free")


class AddressesTest(SmallCase):
    """One story: the tests run in the order of their names."""

    PREFIX, BLOCK_SIZE = 28, 30  # a node has 16 addresses, in four blocks
    FLANNEL = ("--flannel", "--set-node-network-unavailable=false")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lab.apply(workload("Deployment", "crowd", CROWDED, replicas=CROWD))
        cls.lab.apply(budget("crowd"))
        # Nobody's: it is kept, and with it the bridge.
        cls.lab.apply({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "kept"}, "spec": pod_spec(FIRST)})
        cls.lab.wait_pods("app=crowd", CROWD)
        cls.lab.wait(lambda: is_ready(cls.lab.get("pods", "kept")), 300, "the pod that is kept Ready")
        cls.start_operator()

    def test_1_no_pod_gets_an_address_of_the_bridge(self):
        self.move_first(drain={"unmanagedPods": "Keep"})
        # More than can have an address.
        self.fill(15)
        self.lab.wait(lambda: not self.free_addresses(FIRST), 300, f"every address of {FIRST} held")
        self.assertTrue(self.has_bridge(FIRST))
        network = ipaddress.ip_network(self.lab.get("nodes", FIRST)["spec"]["podCIDR"])
        holders = self.holders(FIRST)
        self.assertEqual({holders[str(network[index])] for index in (1, -1)}, {calico_check.RESERVATION + FIRST})
        self.lab.wait(lambda: not self.unreached(FIRST), 300, "all pods with an address Ready")

    def test_2_a_node_whose_pods_would_not_fit_in_twice_is_moved_to_the_end(self):
        self.lab.edit_migration(drain={"unmanagedPods": "Evict"})
        self.lab.wait(lambda: not self.has_bridge(FIRST), 300, f"no bridge on {FIRST}")
        self.empty()
        self.lab.edit_migration(rollout={"nodeSelector": None})
        self.lab.wait_phase("Completed", lab_story.SECONDS)
        self.lab.wait_pods("app=crowd", CROWD)
        self.assert_pods_hang_on(self.lab, "cali")
        self.assert_no_complaint(self.lab)

    def test_3_a_revert_leaves_nodes_that_take_pods(self):
        with self.lab.watch("nodes") as watch:
            self.lab.apply_migration(target="Flannel")
            self.lab.wait_phase("Reverted", lab_story.SECONDS)
        reasons = {one["reason"] for change in watch.history for one in change.object["status"]["conditions"]
                   if one["type"] == "NetworkUnavailable" and one["status"] == "True"}
        self.assertEqual(reasons, {"CalicoIsDown"})
        taints = {name: [one["key"] for one in node["spec"].get("taints", [])] for name, node in self.lab.nodes().items()}
        self.assertEqual([name for name, keys in taints.items() if TAINT in keys], [])
        self.lab.wait_pods("app=crowd", CROWD)
        self.assert_pods_hang_on(self.lab, "cni0")


class CollectedTest(SmallCase):
    PREFIX, BLOCK_SIZE = 27, 29  # a node has 32 addresses, in four blocks of eight: smaller ones could be collected
    MANY = 22  # with the pod that is there already, more than fit into three blocks

    def test_a_paused_node_has_pods_in_every_block_after_the_collection(self):
        self.start_operator()
        self.move_first()
        self.lab.wait(lambda: not self.has_bridge(FIRST), 300, f"no bridge on {FIRST}")
        self.lab.edit_migration(paused=True)
        self.lab.wait_phase("Paused", 300)
        self.lab.collect_after("4s")
        self.lab.wait_collected()
        self.assertEqual(len(self.blocks(FIRST)), 4)
        self.fill(self.MANY)
        addresses = [ipaddress.ip_address(address_of(pod)) for pod in self.lab.wait_pods("app=filler", self.MANY)]
        network = ipaddress.ip_network(self.lab.get("nodes", FIRST)["spec"]["podCIDR"])
        used = [block for block in network.subnets(new_prefix=self.BLOCK_SIZE) if any(address in block for address in addresses)]
        self.assertEqual(len(used), 4)


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)
