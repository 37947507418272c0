"""Clusters of every kind: Canal, two families, one node, per-architecture DaemonSets, nodes that come and go."""
import copy
import ipaddress
import unittest

import lib
from lib import Cluster, calico_check, snapshot
from lib.cluster import NETWORK_LABEL
from lib.migration_case import MigrationCase
from lib.rollout_watch import RolloutWatch


class CanalTest(MigrationCase):
    """Canal with two families: there, and back as it was."""

    def test_canal_dual_stack(self):
        with Cluster(nodes=3, control_plane=1, pods_per_node=1, canal=True, dual_stack=True) as c:
            expected = calico_check.expectations(c)
            c.operator().wait_ready()
            self.give_canal_its_right_back(c)
            before = snapshot.take(c)
            with RolloutWatch(c):
                c.edit_migration(mode=None)
                c.wait_phase("Completed", 120)
            self.assert_on_calico(c, expected)
            calico_check.check_pool(c, "default-ipv6-ippool", "fd00:10:244::/48", block_size=122)
            c.edit_migration(target="Flannel")
            c.wait_phase("Reverted", 120)
            self.assert_as_before(c, before)

    def give_canal_its_right_back(self, c):
        """Calico's manifest has taken it away: Canal's pods would not start any more."""
        c.apply_migration(mode="Plan")
        finding = c.wait_finding("CanalRights")
        self.assertEqual(finding["observed"], "system:serviceaccount:kube-system:canal may not "
                                              "create serviceaccounts/token canal in kube-system")
        c.follow_fix(finding)
        c.wait_mended("CanalRights")


class FarPodsTest(MigrationCase):
    """Two families on nodes that have had many pods: these live far up in the node's /64."""

    def test_blocks_follow_the_pods_from_the_beginning_and_while_nodes_are_mixed(self):
        with Cluster(nodes=3, control_plane=1, pods_per_node=2, dual_stack=True) as c:
            before, expected = snapshot.take(c), calico_check.expectations(c)
            far = self.move_far_up(c, expected, 0x1230)
            c.operator().wait_ready()
            c.fail("agent-hangs", "node-0001", "handover")
            c.apply_migration()
            self.wait_step(c, "node-0001", "HandOver")
            self.assert_claimed(c, far)
            # A pod of a node that is still on flannel comes to the end of the blocks that are there.
            far |= self.move_far_up(c, {"node-0002": expected["node-0002"]}, 0x1271)
            c.wait(lambda: not self.not_claimed(c, far), 60, "the next block claimed")
            c.unfail()
            c.wait_phase("Completed", 120)
            self.assert_claimed(c, far)
            self.assert_on_calico(c, expected)
            c.edit_migration(target="Flannel")
            c.wait_phase("Reverted", 120)
            self.assert_as_before(c, before)

    @staticmethod
    def move_far_up(c, expected, offset):
        """One pod of each node gets an address there; the blocks that are needed for it, as (node, CIDR)."""
        far = set()
        for name, want in expected.items():
            network = ipaddress.ip_network(want.cidrs[6])
            pod = next(pod for pod in c.list("pods", "workloads", "app=log-collector") if pod["spec"]["nodeName"] == name)
            ips = [{"ip": pod["status"]["podIP"]}, {"ip": str(network[offset])}]
            c.api.patch("pods", pod["metadata"]["name"], {"status": {"podIPs": ips}}, "workloads", "status")
            first = offset & ~63
            far |= {(name, ipaddress.ip_network((network[at], 122))) for at in (first, first + 64)}
        return far

    @staticmethod
    def not_claimed(c, far):
        stored = calico_check.Stored(c)
        blocks = {cidr: stored.by_kind["ipamblocks"].get(calico_check.cidr_name(cidr)) for _, cidr in far}
        return [f"{cidr} of {name}" for name, cidr in sorted(far) if not blocks[cidr]
                or calico_check.affinity_name(name, cidr) not in stored.by_kind["blockaffinities"]]

    def assert_claimed(self, c, far):
        self.assertEqual(self.not_claimed(c, far), [])


class SingleNodeTest(MigrationCase):
    """One node, which is the control plane and runs the operator too; flannel with settings of its own, one of them said explicitly."""

    def test_single_node(self):
        options = ["--vni", "7", "--port", "4789", "--annotation-prefix", "flannel.example.com"]
        with Cluster(nodes=1, control_plane=1, options=options) as c:
            before = snapshot.take(c)
            expected = self.with_prefix(c, "flannel.example.com-")
            c.operator(node="cp-1").wait_ready()
            c.apply_migration(flannel={"ipMasq": False})
            c.wait_phase("Completed", 60)
            self.assert_no_traces(c)
            calico_check.check_cluster(c, expected)
            calico_check.check_pool(c, "default-ipv4-ippool", "10.244.0.0/16", nat=False)
            calico_check.check_felix(c, vni=7, port=4789)
            c.edit_migration(target="Flannel")
            c.wait_phase("Reverted", 60)
            self.assert_as_before(c, before)

    @staticmethod
    def with_prefix(c, prefix):
        """Expectations where the prefix does not end with a slash."""
        nodes = copy.deepcopy(c.nodes())
        for node in nodes.values():
            notes = node["metadata"]["annotations"]
            notes |= {calico_check.DEFAULT_PREFIX + "/" + key.removeprefix(prefix): value
                      for key, value in list(notes.items()) if key.startswith(prefix)}
        return {name: calico_check.expected_node(node) for name, node in nodes.items()}


class ArchitectureTest(MigrationCase):
    """flannel as it was installed until v0.13: one DaemonSet for each architecture; and nodes that come and go meanwhile."""

    def test_nodes_come_and_go(self):
        with Cluster(nodes=6, control_plane=1, pods_per_node=1) as c:
            self.split_by_architecture(c)
            expected = calico_check.expectations(c)
            del expected["node-0004"]
            c.operator().wait_ready()
            c.fail("agent-hangs", "node-0003", "handover")
            with c.watch("nodes", on_change=self.never_unready) as nodes:
                c.apply_migration()
                self.wait_step(c, "node-0003", "HandOver")
                c.add_node("late", 20)
                # It gets Calico at once, and what flannel's nodes have to know about it.
                c.wait(lambda: c.networks().get("late") == "calico", 60, "the new node on Calico")
                notes = c.wait(lambda: self.flannel_notes(c), 60, "flannel's annotations of the new node")
                self.assertEqual(notes["flannel.alpha.coreos.com/backend-type"], "vxlan")
                c.delete("nodes", "node-0004")  # waits for its turn
                c.unfail()
                c.wait_phase("Completed", 120)
                expected |= {"late": self.expected_late(nodes)}
            # What the deleted node had is released by Calico's kube-controllers, as for every node that goes.
            gone = [(kind, thing["metadata"]["name"]) for kind in ("ipamblocks", "blockaffinities", "ipamhandles")
                    for thing in c.list(kind) if "10-244-4-" in thing["metadata"]["name"]
                    or thing["metadata"]["name"].endswith("-node-0004")]
            self.assert_on_calico(c, expected, others=gone)

    @staticmethod
    def never_unready(change):
        """No node but the new one is ever on Calico without having been cordoned."""
        node = change.object
        if node["metadata"]["labels"].get(NETWORK_LABEL) == "none":
            assert node["spec"].get("unschedulable"), node["metadata"]["name"]

    @staticmethod
    def flannel_notes(c):
        notes = c.nodes()["late"]["metadata"].get("annotations", {})
        return notes if "flannel.alpha.coreos.com/backend-data" in notes else None

    @staticmethod
    def expected_late(nodes):
        """The MAC is the operator's choice: the one that it told flannel."""
        told = [change.object for change in list(nodes.history) if change.object["metadata"]["name"] == "late"
                and "flannel.alpha.coreos.com/backend-data" in change.object["metadata"].get("annotations", {})]
        return calico_check.expected_node(told[-1])

    @staticmethod
    def split_by_architecture(c):
        whole = c.get("daemonsets", "kube-flannel-ds", "kube-flannel")
        for architecture in ("amd64", "arm64"):
            spec = copy.deepcopy(whole["spec"])
            spec["selector"]["matchLabels"]["arch"] = spec["template"]["metadata"]["labels"]["arch"] = architecture
            spec["template"]["spec"]["nodeSelector"] = {"kubernetes.io/arch": architecture}
            meta = {"name": f"kube-flannel-ds-{architecture}", "namespace": "kube-flannel"}
            c.api.create("daemonsets", {"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": meta, "spec": spec})
        c.delete("daemonsets", "kube-flannel-ds", "kube-flannel")
        c.wait(lambda: c.get("daemonsets", "kube-flannel-ds-amd64", "kube-flannel")["status"].get("numberReady") == 6, 60,
               "flannel of one architecture Ready")


if __name__ == "__main__":
    lib.main(needs_operator=True)
