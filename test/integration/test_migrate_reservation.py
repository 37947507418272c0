"""Pods that live through the hand-over: Calico can never give away an address of theirs, nor the bridge's."""
import ipaddress
import unittest

import lib
from lib import Cluster, calico_check
from lib.cluster import NAMESPACE, NETWORK_LABEL
from lib.migration_case import MigrationCase

AGENTS_WORD = 42  # the ordinal that the simulated agent reports besides the bridge's
LIVING = 3  # pods of each node that may not be evicted


def pods_of_network(pods):
    return [pod for pod in pods if not pod["spec"].get("hostNetwork") and pod["status"].get("podIP")
            and pod["status"].get("phase") == "Running"]


class Addresses:
    """At every change: no live address of an old pod, no bridge's and none that the agent told is free on a node whose
    label is calico, until the agent has cleaned the node. Each resource is seen through a watch of its own, and they race:
    the changes are looked at in the end, in the order in which the server made them."""

    def __init__(self, cluster, expected):
        self._cidrs = {name: ipaddress.ip_network(want.cidrs[4]) for name, want in expected.items()}
        self._cluster = cluster
        self._nodes, self._blocks, self._old = {}, {}, {}
        self._changes, self._cleaned, self._early = [], set(), []
        self.checked = 0

    def __enter__(self):
        self._old = self._living()
        self._watches = [self._cluster.watch("ipamblocks", on_change=self._later(self._on_block)),
                         self._cluster.watch("pods", "workloads", on_change=self._later(self._on_pod)),
                         self._cluster.watch("pods", NAMESPACE, on_change=self._later(self._on_agent)),
                         self._cluster.watch("nodes", on_change=self._later(self._on_node))]
        return self

    def __exit__(self, kind, error, trace):
        for watch in self._watches:
            watch.__exit__(kind, error, trace)
        for _, _, look, change in sorted(self._changes, key=lambda one: one[:2]):
            look(change)
        assert kind or not self._early, f"free although it lives on the bridge: {self._early}"

    def _later(self, look):
        """One etcd counts the versions of all resources."""
        def note(change):
            version = int(change.object["metadata"]["resourceVersion"])
            self._changes.append((version, len(self._changes), look, change))
        return note

    def _living(self):
        """Addresses by UID of all pods that were there before."""
        return {pod["metadata"]["uid"]: (pod["spec"]["nodeName"], ipaddress.ip_address(pod["status"]["podIP"]))
                for pod in pods_of_network(self._cluster.list("pods"))}

    def _on_pod(self, change):
        if change.type == "DELETED":
            self._old.pop(change.object["metadata"]["uid"], None)

    def _on_agent(self, change):
        pod = change.object
        clean = pod["metadata"]["labels"].get("cni-migration.io/operation") == "clean"
        if clean and pod["status"].get("phase") == "Succeeded":
            self._cleaned.add(pod["spec"]["nodeName"])

    def _on_node(self, change):
        name = change.object["metadata"]["name"]
        self._nodes[name] = change.object["metadata"]["labels"]
        self._check(name)

    def _on_block(self, change):
        cidr = ipaddress.ip_network(change.object["spec"]["cidr"])
        self._blocks[cidr] = change.object["spec"] if change.type != "DELETED" else None
        for name, whole in self._cidrs.items():
            if cidr.subnet_of(whole):
                self._check(name)

    def _check(self, name):
        labels = self._nodes.get(name, {})
        moving = "projectcalico.org/node-flannel-migration-in-progress" in labels
        if name in self._cleaned or labels.get(NETWORK_LABEL) != "calico" or not moving:
            return
        whole = self._cidrs[name]
        wanted = {whole[1], whole[AGENTS_WORD]} | {address for node, address in list(self._old.values()) if node == name}
        self._early += [(name, str(address)) for address in wanted if self._free(address)]
        self.checked += 1

    def _free(self, address):
        for cidr, spec in list(self._blocks.items()):
            if spec and address in cidr:
                return spec["allocations"][int(address) - int(cidr.network_address)] is None
        return False  # no block: Calico cannot give it out


class ReservationTest(MigrationCase):
    def test_pods_live_through_the_hand_over(self):
        with Cluster(nodes=3, control_plane=1, pods_per_node=2) as c:
            self.make_pods_that_stay(c)
            expected = calico_check.expectations(c)
            c.operator().wait_ready()
            with Addresses(c, expected) as addresses:
                c.apply_migration(refresh={"maxPending": 10})
                c.wait_migration(self.all_wait, 90, "every node in Refresh")
                # While they live their addresses, the bridge's and the agent's are reserved, all of them and no others.
                reserved = self.check_reserved(c, expected)
                self.assertTrue(all(len(held) >= 2 + LIVING for held in reserved.values()), reserved)
                c.delete("poddisruptionbudgets", "stay", "workloads")
                c.wait_phase("Completed", 120)
            self.assertGreater(addresses.checked, 3)
            # With nobody's handle left: none stays reserved.
            self.assert_on_calico(c, expected)

    @staticmethod
    def make_pods_that_stay(c):
        for name in c.nodes():
            for number in range(LIVING):
                meta = {"name": f"stay-{name}-{number}", "namespace": "workloads", "labels": {"app": "stay"}}
                c.api.create("pods", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": {
                    "nodeName": name, "containers": [{"name": "main", "image": "registry.k8s.io/pause:3.10"}]}})
        c.api.create("poddisruptionbudgets", {
            "apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "stay", "namespace": "workloads"},
            "spec": {"minAvailable": "100%", "selector": {"matchLabels": {"app": "stay"}}}})
        c.wait(lambda: len(pods_of_network(c.list("pods", "workloads", "app=stay"))) == 3 * LIVING, 60, "they run")

    @staticmethod
    def all_wait(thing):
        steps = [one["step"] for one in thing.get("status", {}).get("active", [])]
        return len(steps) == 3 and set(steps) == {"Refresh"}

    @staticmethod
    def check_reserved(c, expected):
        """What is reserved, by node; it must contain what has to be."""
        reserved = {}
        for block in c.list("ipamblocks"):
            spec = block["spec"]
            name = spec["affinity"].removeprefix("host:")
            first = ipaddress.ip_network(spec["cidr"])[0]
            held = calico_check.held_by(spec, calico_check.RESERVATION + name)
            reserved.setdefault(name, set()).update(str(first + ordinal) for ordinal in held)
        for pod in pods_of_network(c.list("pods", "workloads", "app=stay")):
            name, address = pod["spec"]["nodeName"], pod["status"]["podIP"]
            assert address in reserved[name], f"{address} of {name} is not reserved"
        calico_check.check_cluster(c, expected, reserved=reserved)
        return reserved


if __name__ == "__main__":
    lib.main(needs_operator=True)
