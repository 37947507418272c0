#!/usr/bin/env python3
"""flannel runs by two DaemonSets, one for each kind of node, and a third one of an older installation is refused until it is
gone. When one of three nodes is moved: old and new pods reach each other there, a node joins, and two turn out to have an MTU
that does not fit. Nothing is lost, and no flanneld is left."""
import itertools
import os
import shlex
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))

import lib
from lib import lab_story
from lib.cluster import NETWORK_LABEL
from lib.field_configurations import AT_EDGE, CLOUD
from lib.field_steps import COMMAND, EDGE, fresh, give_rights, instead_of_flannel, named, set_label
from lib.lab import address_of, is_ready, pod_on
from lib.lab_case import LabCase, Traffic
from lib.migration_case import APPROVE, RETRY
from lib.migrations import MIGRATION


class HalfWayTest(lab_story.Story, LabCase):
    """One story: the tests run in the order of their names."""

    @classmethod
    def before_workloads(cls):
        lab = cls.lab
        give_rights(lab)
        cls.old_flannel = named("kube-flannel", namespace="kube-system")(lab)
        set_label(EDGE, "n2", value="")(lab)
        instead_of_flannel(named("kube-flannel-cloud-ds", affinity=CLOUD), named("kube-flannel-edge-ds", affinity=AT_EDGE))(lab)
        lab.wait_pods("app=kube-flannel-cloud-ds", 2, namespace="kube-flannel")
        lab.wait_pods("app=kube-flannel-edge-ds", 1, namespace="kube-flannel")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.traffic = Traffic(cls.lab)
        cls.traffic.__enter__()
        cls.addClassCleanup(cls.traffic.talks.__exit__, None, None, None)

    def assert_all_answer(self, pods):
        for pod, peer in itertools.permutations(pods, 2):
            output = self.lab.execute(pod, "ping", "-c", "3", "-i", "0.1", "-W", "2", address_of(peer))
            self.assertIn(" 0% packet loss", output, f"{pod['spec']['nodeName']} to {peer['spec']['nodeName']}")

    def assert_all_peers_answer(self, count):
        self.assert_all_answer(self.lab.wait_pods("app=peer", count, 90))

    def test_1_a_second_flannel_is_refused_until_it_is_gone(self):
        for node in self.lab.names:
            self.make_kept_pod(node)
        self.lab.wait_pods("app=kept", 3)
        self.start_old_flannel()
        # A canary holds the others without a pause, in which nothing would be written for a new node either.
        # The MTU is named, or a smaller one would become the cluster's.
        self.lab.apply_migration(target="Calico", flannel={"mtu": 1450}, drain={"unmanagedPods": "Keep"}, rollout={
            "canary": {"nodes": 1, "approval": "Manual"}, "retries": 0, "maxFailures": 2})
        status = self.lab.wait_phase("Blocked", 90)["status"]
        told = next(one for one in status["preflight"] if one["id"] == "FlannelSingle")
        self.assertIn("kube-system/kube-flannel on 3 nodes that Calico is to have: n1, n2, n3", told["observed"])
        self.lab.kubectl(*shlex.split(COMMAND.search(told["fix"]).group(0))[1:])

    def start_old_flannel(self):
        """Of an older manifest, in its namespace: every node runs both."""
        for kind, name in (("serviceaccounts", "flannel"), ("configmaps", "kube-flannel-cfg")):
            self.lab.api.create(kind, fresh(self.lab.get(kind, name, "kube-flannel"), namespace="kube-system"))
        binding = fresh(self.lab.get("clusterrolebindings", "flannel"), name="flannel-of-before")
        binding["subjects"] = [{"kind": "ServiceAccount", "name": "flannel", "namespace": "kube-system"}]
        self.lab.api.create("clusterrolebindings", binding)
        self.lab.api.create("daemonsets", self.old_flannel)
        self.lab.wait_pods("app=kube-flannel", 3, namespace="kube-system")

    def test_2_pods_of_both_networks_on_one_node_reach_each_other(self):
        self.lab.wait_progress(1, 90)
        moved = next(node for node, network in self.lab.networks().items() if network == "calico")
        self.assertEqual(self.nodes_with_flanneld(), [node for node in self.lab.names if node != moved])
        new = self.lab.wait(lambda: self.pod_of_calico("app=peer", moved), 90, f"a new pod on {moved}")
        old = pod_on(moved, self.lab.pods("app=kept"))
        self.assertIn("dev cni0", self.lab.enter(moved, "ip", "route", "get", address_of(old)))
        self.assert_all_answer([old, new])
        self.lab.edit_migration(drain={"unmanagedPods": "Evict"})

    def nodes_with_flanneld(self):
        """Of any DaemonSet."""
        return [node for node in self.lab.names if self.lab.enter(node, "sh", "-c", "pgrep -x flanneld || true").split()]

    def make_kept_pod(self, node):
        """One that nobody makes again, nor takes away."""
        program = {"name": "sleep", "image": "busybox:1.36", "imagePullPolicy": "IfNotPresent", "command": ["sleep", "3600"]}
        self.lab.apply({"apiVersion": "v1", "kind": "Pod",
                        "metadata": {"name": f"kept-{node}", "namespace": "default", "labels": {"app": "kept"}},
                        "spec": {"nodeName": node, "terminationGracePeriodSeconds": 0, "containers": [program]}})

    def pod_of_calico(self, labels, node):
        for pod in self.lab.pods(labels):
            if is_ready(pod) and pod["spec"]["nodeName"] == node:
                return pod if "dev cali" in self.lab.enter(node, "ip", "route", "get", address_of(pod)) else None
        return None

    def test_3_a_new_node_reaches_moved_and_unmoved_ones(self):
        self.lab.wait(lambda: "none" not in self.lab.networks().values(), 300, "no node on its way")
        self.lab.power("n4", "on")
        self.lab.wait(lambda: self.lab.networks().get("n4") == "calico", 300, "n4 labelled for Calico")
        self.assertIn("flannel", self.lab.networks().values())
        self.assert_all_peers_answer(4)

    def test_4_a_wrong_mtu_turns_a_node_round(self):
        device, underlay = self.names_on_flannel()
        before = self.pods_on(device, underlay)
        self.lab.enter(device, "ip", "link", "set", "flannel.1", "mtu", "1300")
        # Small packets pass, and what is not tunneled: nobody has noticed.
        self.lab.enter(underlay, *self.underlay("-A"))
        approved = {"metadata": {"annotations": {APPROVE: "true"}}}
        self.lab.patch("flannelmigrations", MIGRATION, approved)
        failed = self.lab.wait_migration(self.two_failed, 240, "two nodes failed")["status"]["failed"]
        messages = {one["name"]: one["message"] for one in failed}
        print(f"\n{messages}", flush=True)
        self.assertRegex(messages[device], "HandOver: .*MTU 1300, wanted 1450")
        self.assertRegex(messages[underlay], "Verify: peers that do not answer: .*full 0/")
        self.assert_in_service()
        self.assertEqual(self.names_on_flannel(), [device, underlay])
        # Those that were there have noticed nothing.
        self.assertEqual(before - self.pods_on(device, underlay), set())

    def pods_on(self, *nodes):
        return {pod["metadata"]["name"] for pod in self.lab.pods_of_network(*nodes)}

    def names_on_flannel(self):
        """The operator's own node is the last to move: which they are depends on where it runs."""
        return sorted(name for name, network in self.lab.networks().items() if network == "flannel")

    @staticmethod
    def two_failed(thing):
        status = thing.get("status", {})
        counts = status.get("nodes", {})
        return len(status.get("failed", [])) == 2 and not counts.get("migrating") and not counts.get("refreshing")

    @staticmethod
    def underlay(change):
        """Tunneled packets of more than 1400 bytes do not arrive."""
        large = ("-p", "udp", "--dport", "8472", "-m", "length", "--length", "1401:65535")
        return ("iptables-nft", "-t", "mangle", change, "PREROUTING", *large, "-j", "DROP")

    def test_5_the_migration_goes_on_when_it_is_mended(self):
        device, underlay = self.names_on_flannel()
        self.lab.enter(device, "ip", "link", "set", "flannel.1", "mtu", "1450")
        self.lab.enter(underlay, *self.underlay("-D"))
        for name in (device, underlay):
            self.lab.patch("nodes", name, {"metadata": {"annotations": {RETRY: "true"}}})
        self.assertEqual(self.lab.wait_phase("Completed", lab_story.SECONDS)["status"]["nodes"]["calico"], 4)
        self.assertEqual(self.nodes_with_flanneld(), [])
        self.assertEqual(self.lab.list("daemonsets", "kube-flannel"), [])
        self.assertNotIn("calico", [node["metadata"]["labels"].get(NETWORK_LABEL) for node in self.lab.list("nodes")])
        self.traffic.__exit__(None, None, None)
        self.assert_nothing_lost(self.traffic)
        self.assert_all_peers_answer(4)
        self.assert_pods_hang_on(self.lab, "cali")
        self.assert_no_complaint(self.lab)


if __name__ == "__main__":
    lib.main(needs_lab=True, needs_stand_in=True, needs_operator=True, needs_agent=True)
